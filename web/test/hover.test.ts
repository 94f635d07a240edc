import assert from "node:assert/strict"
import {test} from "node:test"
import {lines, reading} from "../src/figures/hover.ts"
import {nearest} from "../src/page/numbers.ts"

const column = (...values: number[]) => ({values: Float32Array.from(values), shape: [values.length]})
const reads = ["critic", "generator"].map((name) => ({source: "losses", column: name, label: name, along: "step"}))
const run = (...critic: number[]) => ({sources: {losses: {
  step: column(...critic.map((_, i) => 10 * (i + 1))), critic: column(...critic), generator: column(...critic.map((one) => -one)),
}}})

test("the step nearest to the pointer, also before the first and after the last", () => {
  const steps = [10, 20, 40, 80]
  assert.deepEqual([0, 10, 14, 16, 30, 31, 61, 99].map((step) => nearest(steps, step)), [0, 0, 0, 1, 1, 2, 3, 3])
  assert.equal(nearest([], 5), -1)
  assert.equal(nearest([7], 5), 0)
})

test("a line a run, with its letter where there are several", () => {
  assert.deepEqual(lines([run(1.25, 2)], reads, 18), ["step 20: critic 2, generator −2"])
  assert.deepEqual(lines([run(1.25), run(0.5)], reads, 0), [
    "A  step 10: critic 1.25, generator −1.25", "B  step 10: critic 0.50, generator −0.50",
  ])
})

test("bars are read at their mode", () => {
  const bars = [{source: "shares", column: "share", label: "generated", along: "mode"}]
  const one = {sources: {shares: {mode: column(0, 1, 2), share: column(0.5, 0.25, 0.125)}}}
  assert.deepEqual(lines([one], bars, 1.3), ["mode 1: generated 0.25"])
})

test("what is not there or not finite is not said", () => {
  assert.deepEqual(lines([{sources: {}}], reads, 3), [])
  assert.deepEqual(lines([run(NaN)], reads, 3), [])
  assert.deepEqual(lines([run(), run(1)], reads, 3), ["B  step 10: critic 1, generator −1"])
})

test("values are written with the digits that are read", () => {
  assert.deepEqual([0, 3, -2, 1.38, 0.0123, 123456.7, -0.00004].map(reading), ["0", "3", "−2", "1.38", "0.0123", "1.23e+5", "−0.0000400"])
})
