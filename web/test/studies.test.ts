// What a probe has found, as the columns, spans and numbers of a view of choice.

import assert from "node:assert/strict"
import {test} from "node:test"

import type {NumberColumns, Part} from "../src/frames/frame.ts"
import {columnsOf, type DeclaredAxis, type DeclaredStudy, StudyColumns, spanOf} from "../src/studies/study_columns.ts"
import {assignment} from "../src/studies/assignment.ts"
import {divergence, slid} from "../src/studies/slides.ts"
import {readings, seen} from "../src/studies/study_panel.ts"

const axis = (given: Partial<DeclaredAxis>): DeclaredAxis =>
  ({name: "a", columns: ["x"], low: null, high: null, symmetric: false, window: false, ...given})
const xColumn = (...values: number[]): NumberColumns => ({x: {values: Float32Array.from(values), shape: [values.length]}})

void test("an axis holds the values of its columns with a little room, NaN apart", () => {
  assert.deepEqual(spanOf(axis({}), xColumn(0, NaN, 10), null, 3), [-0.5, 10.5])
  assert.deepEqual(spanOf(axis({symmetric: true}), xColumn(-2, 10), null, 3), [-11, 11])
  assert.deepEqual(spanOf(axis({low: 0}), xColumn(4, 10), null, 3), [0, 10.5])
  assert.deepEqual(spanOf(axis({low: -4, high: 2, columns: []}), xColumn(), null, 3), [-4, 2])
  assert.deepEqual(spanOf(axis({window: true}), xColumn(99), null, 3), [-3, 3])
  assert.equal(spanOf(axis({}), xColumn(NaN), null, 3), null)
})

void test("an axis grows at once and shrinks only when most of it is empty", () => {
  const before = [0, 10] as const
  assert.equal(spanOf(axis({}), xColumn(1, 9), before, 3), before)
  assert.deepEqual(spanOf(axis({}), xColumn(1, 21), before, 3), [0, 22])
  assert.deepEqual(spanOf(axis({}), xColumn(4, 6), before, 3), [3.9, 6.1])
  assert.equal(spanOf(axis({}), xColumn(), before, 3), before)
})

void test("values that are all alike have an axis around them", () => {
  assert.deepEqual(spanOf(axis({}), xColumn(2, 2), null, 3)!.map((end) => Math.sign(end - 2)), [-1, 1])
})

const STUDY: DeclaredStudy = {name: "s", sources: {"s-line": ["x", "y"], "s-dots": ["z"]}, axes: [axis({name: "s-x"})], square: false, slide: null}
const part = (sources: Record<string, NumberColumns>, studies: object): Part =>
  ({header: {studies, window: 3}, sources} as unknown as Part)

void test("each source has its own arrays, and those that were not found are left out", () => {
  const {x} = xColumn(1, 2)
  assert.deepEqual(columnsOf(STUDY, {x: x!}), [["s-line", {x}], ["s-dots", {}]])
})

void test("what was found stays until there is something new, of each run for itself", () => {
  const kept = new StudyColumns(), written: Record<string, unknown> = {}, spans: Record<string, unknown> = {}
  const write = () => { kept.write((name, columns) => { written[name] = columns.x?.values }, (name, ...span) => { spans[name] = span }) }
  kept.keep([STUDY], part({s: xColumn(0, 10)}, {s: {}}), (name) => name)
  kept.keep([STUDY], part({s: xColumn(5, 7)}, {s: {}}), (name) => `${name}@2`)
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
  assert.deepEqual(readings(numbers, head), [["at the clip", "93 %"], ["kind", "stable"], ["n", "12"]])
  assert.deepEqual(readings(numbers, undefined), [])
})

void test("a legend leaves out what there is nothing of", () => {
  const legend = [{label: "critic", token: "critic", shape: "bold"}, {label: "best", token: "text", shape: "dashed", needs: "off"}]
  const labels = (off: number | null) => seen(legend, {step: 3, numbers: {off}, problem: ""}).map(({label}) => label)
  assert.deepEqual([labels(0), labels(null)], [["critic", "best"], ["critic"]])
  assert.equal(seen(legend, undefined).length, 2)
})

const column = (...values: number[]) => ({values: Float32Array.from(values), shape: [values.length]})

void test("a slider moves columns to others, from the end at which they were found", () => {
  const slide = {label: "", ends: ["a", "b"], begin: 1, home: 1, blend: {x: "flat"}, then: "", grip: [[], []]} as const
  const all = {x: column(0, 10), flat: column(4, 2), y: column(7)}
  const at = (t: number) => [...slid(slide, all, {}, t).columns.x!.values]
  assert.deepEqual([at(1), at(0.5), at(0)], [[0, 10], [2, 6], [4, 2]])
  assert.equal(slid(slide, all, {}, 0.5).columns.y, all.y)
})

void test("a view is where its slider stands, whether a frame has come or not", () => {
  const slide = {label: "", ends: ["a", "b"], begin: 1, home: 1, blend: {x: "z"}, then: "", grip: [[], []]} as const
  const kept = new StudyColumns(), written: Record<string, unknown> = {}
  kept.keep([{...STUDY, slide}], part({s: {x: column(0, 1), z: column(2, 3)}}, {s: {numbers: {}, problem: ""}}), (name) => name)
  kept.slide({s: 0})
  kept.write((name, columns) => { written[name] = columns.x?.values }, () => {})
  assert.deepEqual(written["s-line"], Float32Array.of(2, 3))
})

function permutations(n: number): number[][] {
  return n === 0 ? [[]] : permutations(n - 1).flatMap((one) => Array.from({length: n}, (_, i) => [...one.slice(0, i), n - 1, ...one.slice(i)]))
}

void test("no pairing is cheaper than the assignment", () => {
  let seed = 7
  const random = () => (seed = (seed * 48271) % 2147483647) / 2147483647
  for (let n = 1; n <= 6; n++) {
    for (let turn = 0; turn < 20; turn++) {
      const cost = Array.from({length: n}, () => Array.from({length: n}, random))
      const of = (order: readonly number[]) => order.reduce((sum, j, i) => sum + cost[i]![j]!, 0)
      const partners = assignment(cost)
      assert.deepEqual([...partners].sort((a, b) => a - b), Array.from({length: n}, (_, i) => i))
      assert.ok(Math.abs(of(partners) - Math.min(...permutations(n).map(of))) < 1e-12)
    }
  }
})

void test("the Jensen-Shannon divergence of the same shares is 0, and of others ln 2 wherever they are", () => {
  const p = [0.5, 0.5, 0, 0, 0] // a line of four cells in [-2, 2], and the outside
  const at = (...x: number[]) => divergence(p, x, x, 2, 4)
  assert.ok(at(-1.5, -0.5) < 1e-12)
  for (const x of [[0.5, 1.5], [1.5, 1.5], [9, 99]]) assert.ok(Math.abs(at(...x) - Math.LN2) < 1e-12)
  assert.ok(Math.abs(at(-1.5, 0.5) - Math.LN2 / 2) < 1e-12) // half of either has nothing in common with the other
})

void test("a cloud that is dragged away has its pairs and W1 from where it is", () => {
  const slide = {label: "", ends: ["a", "b"], begin: 0, home: 0, blend: {fake_x: "away_x"}, then: "paired", grip: [["fake_x"], ["fake_y"]]} as const
  const columns = {
    fake_x: column(0, 1), fake_y: column(0, 0), away_x: column(4, 5), real_x: column(2, 0), real_y: column(0, 0),
    cell_p: column(0.5, 0.5, 0), cloud_x: column(9), cloud_y: column(0),
  }
  const {columns: there, numbers} = slid(slide, columns, {w1: 1, js: 0, window: 1, cells: 2}, 0.5)
  assert.equal(numbers.w1, 1.5) // 2 and 3 are paired with 0 and 2 at a mean distance of 3 / 2
  assert.ok(Math.abs(Number(numbers.js) - Math.LN2) < 1e-12)
  assert.equal([...there.real_x!.values].sort().join(), "0,2")
  const dragged = slid(slide, columns, {w1: 1, js: 0, window: 1, cells: 2}, 0.5, [-2, 3]) // to (0, 3) and (1, 3)
  assert.deepEqual([...dragged.columns.fake_x!.values, ...dragged.columns.fake_y!.values], [0, 1, 3, 3])
  assert.ok(Math.abs(Number(dragged.numbers.w1) - (3 + Math.sqrt(10)) / 2) < 1e-12)
  assert.deepEqual(slid(slide, columns, {w1: 1}, 0, [0, 0]), {columns, numbers: {w1: 1}})
})
