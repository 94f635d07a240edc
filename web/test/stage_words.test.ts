import assert from "node:assert/strict"
import {test} from "node:test"
import {modeNumbers, outsideWords} from "../src/figures/stage_words.ts"

const f4 = (values: readonly number[]) => ({values: Float32Array.from(values), shape: [values.length]})
const circles = (centres: readonly (readonly [number, number])[], radius: number) => ({
  x: f4(centres.map(([x]) => x)), y: f4(centres.map(([, y]) => y)), radius: f4(centres.map(() => radius)),
})
const ring = Array.from({length: 8}, (_, i) => [2 * Math.cos(i * Math.PI / 4), 2 * Math.sin(i * Math.PI / 4)] as const)
const grid = Array.from({length: 25}, (_, i) => [2 * (i % 5) - 4, 2 * Math.floor(i / 5) - 4] as const)

/** The middles of the numbers, in px of a stage of that width. */
function placed(columns: ReturnType<typeof modeNumbers>, window: number, width: number): [number, number][] {
  const {x, y, dx, dy} = columns
  const scale = width / (2 * window)
  return Array.from(x!.values, (_, i) => [
    (Number(x!.values[i]) + window) * scale + Number(dx!.values[i]),
    (window - Number(y!.values[i])) * scale + Number(dy!.values[i]),
  ])
}

test("the modes of a ring have their numbers around it, as the bars count them", () => {
  const columns = modeNumbers(circles(ring, 0.45), 3, 540, 11)
  assert.deepEqual(columns.text!.values, ["0", "1", "2", "3", "4", "5", "6", "7"])
  for (const [i, [x, y]] of placed(columns, 3, 540).entries()) {
    const [cx, cy] = ring[i]!
    assert.ok(Math.abs(Math.hypot(x - 270, y - 270) - (2.45 * 90 + 0.8 * 11)) < 1e-3)
    assert.ok((x - 270) * cx >= -1e-3 && (270 - y) * cy >= -1e-3)
  }
})

test("the numbers of a grid of 25 overlap neither each other nor an edge, on a small stage too", () => {
  for (const width of [540, 204]) {
    const places = placed(modeNumbers(circles(grid, 0.15), 5, width, 11), 5, width)
    for (const [i, [x, y]] of places.entries()) {
      assert.ok(Math.min(x, y, width - x, width - y) >= 8.5, `${i} at ${x}, ${y} of ${width}`)
      for (const [a, b] of places.slice(i + 1)) assert.ok(Math.hypot(x - a, y - b) > 16)
    }
  }
})

test("a mode near an edge has its number on the other side of its rim", () => {
  const [[, top], [, bottom]] = placed(modeNumbers(circles([[0, 2.9], [0, -2.9]], 0.3), 3, 540, 11), 3, 540) as
    [[number, number], [number, number]]
  assert.ok(top > 11 && bottom < 540 - 11)
})

test("modes on a line have their numbers above them", () => {
  assert.deepEqual(Array.from(modeNumbers(circles([[-1, 0], [1, 0]], 0.3), 3, 540, 11).dx!.values), [0, 0])
})

test("too many modes, or none, have no numbers", () => {
  assert.deepEqual(modeNumbers(circles(Array.from({length: 31}, () => [0, 0] as const), 1), 3, 540, 11), {})
  assert.deepEqual(modeNumbers({}, 3, 540, 11), {})
})

test("samples beyond an edge are counted there, and nothing is said of none", () => {
  const {text, x, y} = outsideWords([0, 1234, 0, 7], 3, 540)
  assert.deepEqual(text!.values, ["1,234 outside ▸", "▴ 7 outside"])
  assert.deepEqual([x!.values[0], y!.values[1]], [3, 3])
  assert.deepEqual(outsideWords([5, 0, 0, 0], 3, 200).text!.values, ["◂ 5"])
  assert.equal(outsideWords([0, 0, 0, 0], 3, 540).text!.values.length, 0)
})
