// What a probe has found, as the columns, spans and numbers of a view of choice.

import assert from "node:assert/strict"
import {test} from "node:test"

import type {NumberColumns, Part} from "../src/frames/frame.ts"
import {columnsOf, type DeclaredAxis, type DeclaredStudy, Found, spanOf} from "../src/studies/study_columns.ts"
import {seen, told} from "../src/studies/study_panel.ts"

const axis = (given: Partial<DeclaredAxis>): DeclaredAxis =>
  ({name: "a", columns: ["x"], low: null, high: null, symmetric: false, window: false, ...given})
const found = (...values: number[]): NumberColumns => ({x: {values: Float32Array.from(values), shape: [values.length]}})

void test("an axis holds the values of its columns with a little room, NaN apart", () => {
  assert.deepEqual(spanOf(axis({}), found(0, NaN, 10), null, 3), [-0.5, 10.5])
  assert.deepEqual(spanOf(axis({symmetric: true}), found(-2, 10), null, 3), [-11, 11])
  assert.deepEqual(spanOf(axis({low: 0}), found(4, 10), null, 3), [0, 10.5])
  assert.deepEqual(spanOf(axis({low: -4, high: 2, columns: []}), found(), null, 3), [-4, 2])
  assert.deepEqual(spanOf(axis({window: true}), found(99), null, 3), [-3, 3])
  assert.equal(spanOf(axis({}), found(NaN), null, 3), null)
})

void test("an axis grows at once and shrinks only when most of it is empty", () => {
  const before = [0, 10] as const
  assert.equal(spanOf(axis({}), found(1, 9), before, 3), before)
  assert.deepEqual(spanOf(axis({}), found(1, 21), before, 3), [0, 22])
  assert.deepEqual(spanOf(axis({}), found(4, 6), before, 3), [3.9, 6.1])
  assert.equal(spanOf(axis({}), found(), before, 3), before)
})

void test("values that are all alike have an axis around them", () => {
  assert.deepEqual(spanOf(axis({}), found(2, 2), null, 3)!.map((end) => Math.sign(end - 2)), [-1, 1])
})

const STUDY: DeclaredStudy = {name: "s", sources: {"s-line": ["x", "y"], "s-dots": ["z"]}, axes: [axis({name: "s-x"})], square: false}
const part = (sources: Record<string, NumberColumns>, studies: object): Part =>
  ({header: {studies, window: 3}, sources} as unknown as Part)

void test("each source has its own arrays, and those that were not found are left out", () => {
  const {x} = found(1, 2)
  assert.deepEqual(columnsOf(STUDY, {x: x!}), [["s-line", {x}], ["s-dots", {}]])
})

void test("what was found stays until there is something new, of each run for itself", () => {
  const kept = new Found(), written: Record<string, unknown> = {}, spans: Record<string, unknown> = {}
  const write = () => { kept.write((name, columns) => { written[name] = columns.x?.values }, (name, ...span) => { spans[name] = span }) }
  kept.keep([STUDY], part({s: found(0, 10)}, {s: {}}), (name) => name)
  kept.keep([STUDY], part({s: found(5, 7)}, {s: {}}), (name) => `${name}@2`)
  kept.keep([STUDY], part({}, {}), (name) => name) // a frame without it
  write()
  assert.deepEqual([written["s-line"], written["s-line@2"]], [Float32Array.of(0, 10), Float32Array.of(5, 7)])
  assert.deepEqual(spans["s-x"], [-0.5, 10.5])
  kept.keep([STUDY], part({}, {s: {problem: "it failed"}}), (name) => name) // nothing to see: emptied
  write()
  assert.equal(written["s-line"], undefined)
})

void test("numbers are said with their labels, and what there is not is left out", () => {
  const numbers = [
    {name: "share", label: "at the clip", percent: true}, {name: "kind", label: "kind", percent: false},
    {name: "none", label: "none", percent: false}, {name: "n", label: "n", percent: false},
  ]
  const head = {step: 3, numbers: {share: 0.934, kind: "stable", none: null, n: 12}, problem: ""}
  assert.deepEqual(told(numbers, head), [["at the clip", "93 %"], ["kind", "stable"], ["n", "12"]])
  assert.deepEqual(told(numbers, undefined), [])
})

void test("a legend leaves out what there is nothing of", () => {
  const legend = [{label: "critic", token: "critic", shape: "bold"}, {label: "best", token: "text", shape: "dashed", needs: "off"}]
  const labels = (off: number | null) => seen(legend, {step: 3, numbers: {off}, problem: ""}).map(({label}) => label)
  assert.deepEqual([labels(0), labels(null)], [["critic", "best"], ["critic"]])
  assert.equal(seen(legend, undefined).length, 2)
})
