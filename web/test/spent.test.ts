import assert from "node:assert/strict"
import {test} from "node:test"
import {lines} from "../src/figures/hover.ts"
import {overGradients, type Pieces, spentAt, stepAt} from "../src/figures/spent.ts"
import {type Part, together} from "../src/frames/frame.ts"
import {along} from "../src/report/report_curves.ts"

// 1 gradient a step up to step 30, then 2, then 4: by hand 30, 80 and, at step 65, 120.
const PIECES: Pieces = [[0, 0, 1], [30, 30, 2], [55, 80, 4]]
const column = (...values: number[]) => ({values: Float32Array.from(values), shape: [values.length]})

function part(spent: Pieces, end: number): Part {
  return {
    header: {
      step: end, spent, axes: {step: [0, end], losses: [-1, 1]}, marks: [[30, "k 2"]],
      spikes: {losses: [[40, 1, "9"]], gap: []},
    },
    sources: {
      losses: {step: column(1, 30, 40), critic: column(5, 6, 7)}, latest: {step: column(end), probed: column(40), gap: column(1)},
      film: {step: column(8)},
    },
  } as unknown as Part
}
const NAMES = ["losses", "latest", "gap"]

test("what a step took, and back, within pieces, at their ends and beyond the last", () => {
  assert.deepEqual([0, 10, 30, 31, 55, 65, 100].map((step) => spentAt(PIECES, step)), [0, 10, 30, 32, 80, 120, 260])
  for (const step of [0, 10, 30, 31, 42.5, 55, 65, 100]) assert.equal(stepAt(PIECES, spentAt(PIECES, step)), step)
})

test("a frame moves with all that stands along its steps and nothing else", () => {
  const {header, sources} = overGradients(part(PIECES, 65), NAMES)
  assert.deepEqual([...sources.losses!.step!.values], [1, 30, 50])
  assert.deepEqual([...sources.losses!.critic!.values], [5, 6, 7])
  assert.deepEqual([[...sources.latest!.step!.values], [...sources.latest!.probed!.values]], [[120], [50]])
  assert.deepEqual([...sources.film!.step!.values], [8], "the bar of time stays one of steps")
  assert.deepEqual(header.axes, {step: [0, 120], losses: [-1, 1]})
  assert.deepEqual(header.marks, [[30, "k 2"]])
  assert.deepEqual(header.spikes, {losses: [[50, 1, "9"]], gap: []})
  assert.equal(header.step, 65)
})

test("runs that are compared share an axis with room for the dearest, each change at its own cost", () => {
  const dear: Pieces = [[0, 0, 3]]
  const {axes, marks} = together([part(PIECES, 40), part(dear, 40)].map((one) => overGradients(one, NAMES)))
  assert.deepEqual(axes.step, [0, 120])
  assert.deepEqual(marks, [[30, "k 2"], [90, "k 2"]])
})

test("over gradients a reading has its cost and its step, of each run at the same cost", () => {
  const reads = [{source: "losses", column: "critic", label: "critic", along: "step"}]
  const shown = ([PIECES, [[0, 0, 5]]] as const).map((spent) => ({spent, sources: part(spent, 65).sources}))
  assert.deepEqual(lines(shown, reads, 49, "gradients"), [
    "A  50 gradients, step 40: critic 7", "B  5 gradients, step 1: critic 5",
  ])
  assert.deepEqual(lines(shown.slice(0, 1), reads, 39), ["step 40: critic 7"])
})

test("a report's curves are drawn over what was chosen, and a run that ended before stays at its cost", () => {
  const runs = [part(PIECES, 65), part([[0, 0, 2]], 40)]
  const {drawn, places} = along("gradients", runs)
  assert.deepEqual(drawn.map(({sources}) => [...sources.losses!.step!.values]), [[1, 30, 50], [2, 60, 80]])
  assert.deepEqual(places(65), [120, 80])
  assert.deepEqual(along("steps", runs).places(65), [65])
})
