import assert from "node:assert/strict"
import {test} from "node:test"
import {Axes} from "../src/figures/axes.ts"
import type {Figure, Range} from "../src/bokeh/bokeh.ts"
import {chosen} from "../src/figures/zoom.ts"

const range = (name: string, start: number, end: number) => {
  const one = {name: `axis-${name}`, start, end, tags: [] as string[], setv(span: object) { Object.assign(one, span) }}
  return one as unknown as Range & {start: number, end: number}
}
const FRAME = {left: 100, top: 50, width: 200, height: 100}
const figure = (x: Range, y: Range) => ({x_range: x, y_range: y}) as Pick<Figure, "x_range" | "y_range">

test("a flat drag spans steps alone, a high one values, too; to the left as well as to the right", () => {
  const one = figure(range("step", 0, 1000), range("losses", -2, 2))
  assert.deepEqual(chosen(FRAME, one, false, [150, 60, 250, 70]), {step: [250, 750]})
  assert.deepEqual(chosen(FRAME, one, false, [250, 70, 150, 60]), {step: [250, 750]})
  assert.deepEqual(chosen(FRAME, one, false, [150, 75, 250, 125]), {step: [250, 750], losses: [-1, 1]})
  assert.deepEqual(chosen(FRAME, one, false, [150, 60, 153, 60]), {}, "a click")
  assert.deepEqual(chosen(FRAME, one, false, [50, 60, 900, 60]), {step: [0, 1000]}, "no further than the frame")
})

test("a square stays one, around the middle of the drag", () => {
  const one = figure(range("x@2", -3, 3), range("y@2", -3, 3))
  const spans = chosen({...FRAME, height: 200}, one, true, [150, 100, 250, 150])
  assert.deepEqual(spans, {"x@2": [-1.5, 1.5], "y@2": [-0.75, 2.25]})
})

test("a choice holds for the runs side by side and against what frames ask for, until all is shown again", () => {
  const ranges = new Map(["x", "x@2", "y"].map((name) => [name, range(name, 0, 1)]))
  const changed: string[] = []
  const axes = new Axes((name) => ranges.get(name) ?? null, ({name}) => { changed.push(name!) })
  const spans = () => [...ranges.values()].map(({start, end}) => [start, end])
  for (const name of ranges.keys()) axes.span(name, -3, 3)
  axes.choose({"x@2": [1, 2]})
  assert.deepEqual([spans(), axes.zoomed], [[[1, 2], [1, 2], [-3, 3]], true])
  changed.length = 0
  for (const name of ranges.keys()) axes.span(name, -4, 4)
  assert.deepEqual([spans(), changed], [[[1, 2], [1, 2], [-4, 4]], ["axis-y"]])
  axes.whole()
  assert.deepEqual([spans(), axes.zoomed], [[[-4, 4], [-4, 4], [-4, 4]], false])
})
