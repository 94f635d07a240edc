import assert from "node:assert/strict"
import {test} from "node:test"
import type {Figure, Model} from "../src/bokeh/bokeh.ts"
import {FigureTheme, times, wearing} from "../src/figures/figure_theme.ts"

test("a tag gives lines, fill and text a colour, or one property", () => {
  assert.deepEqual(wearing("real").map(([name]) => name), ["line_color", "fill_color", "text_color"])
  assert.deepEqual(wearing("line_color=outline"), [["line_color", "outline"]])
})

test("a size times a factor, in all its writings", () => {
  assert.equal(times(10, 1.4), 14)
  assert.equal(times("10px", 1.5), "15px")
  assert.deepEqual(times({value: "10px"}, 1.5), {value: "15px"})
  assert.equal(times(undefined, 2), undefined)
})

/** A model that remembers what was set. */
function model(tags: string[], values: Record<string, unknown>): Model & Record<string, unknown> {
  const one = {
    id: "", type: "", name: null, tags, properties: {...values}, ...values,
    setv(changes: Record<string, unknown>) { Object.assign(one, changes) },
  }
  return one as unknown as Model & Record<string, unknown>
}

test("a mapper takes the palette of its theme, also one behind the colour of a line", () => {
  const map = model(["palette-critic"], {}), covered = model(["palette-covered"], {}), other = model([], {})
  const glyphs = [{color_mapper: map}, {line_color: {transform: covered}}, {line_color: {transform: other}}]
  const figure = {
    ...model([], {renderers: null}), left: [], right: [], above: [], below: [], center: [],
    renderers: glyphs.map((values) => ({glyph: model([], values)})),
  }
  const palettes = {critic: {light: ["a"], dark: ["b"]}, covered: {light: ["c"], dark: ["d"]}}
  new FigureTheme({tokens: {dark: {}}, theme: {}, palettes}).apply([figure as unknown as Figure], "dark", 1, new Set())
  assert.deepEqual([map.palette, covered.palette, other.palette], [["b"], ["d"], undefined])
})

test("a small figure is without axes and margins, and has its own again at any scale", () => {
  const [shown, hidden] = [model([], {axis_label: "x", visible: true}), model([], {axis_label: "y", visible: false})]
  const figure = {
    ...model([], {renderers: null}), min_border_left: 54, renderers: [], above: [], right: [], center: [],
    left: [hidden], below: [shown], properties: {renderers: null, min_border_left: 54},
    setv(changes: Record<string, unknown>) { Object.assign(figure, changes) },
  }
  const one = figure as unknown as Figure
  const theme = new FigureTheme({tokens: {light: {}}, theme: {}, palettes: {}})
  const state = () => [figure.min_border_left, shown.visible, hidden.visible]
  theme.apply([one], "light", 1, new Set([one]))
  assert.deepEqual(state(), [6, false, false])
  theme.apply([one], "light", 2, new Set([one]))
  theme.apply([one], "light", 2, new Set())
  assert.deepEqual(state(), [108, true, false])
  theme.apply([one], "light", 1, new Set())
  assert.deepEqual(state(), [54, true, false])
})

test("a size is not scaled twice where an equal value was set: Bokeh keeps the former object", () => {
  const glyph = model([], {size: {value: 6}})
  const setv = glyph.setv.bind(glyph)
  glyph.setv = (changes: Record<string, unknown>) => {
    setv(Object.fromEntries(Object.entries(changes).filter(([name, value]) => JSON.stringify(value) !== JSON.stringify(glyph[name]))), {sync: false})
  }
  const figure = {...model([], {renderers: null}), left: [], right: [], above: [], below: [], center: [], renderers: [{glyph}]}
  const theme = new FigureTheme({tokens: {light: {}}, theme: {}, palettes: {}})
  for (const scale of [1.5, 1.5, 1]) theme.apply([figure as unknown as Figure], "light", scale, new Set())
  assert.deepEqual(glyph.size, {value: 6})
})
