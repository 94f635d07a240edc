import assert from "node:assert/strict"
import {test} from "node:test"
import {fit, GAP, LINE, RIM} from "../src/compare/grid.ts"
import {placeLabels} from "../src/figures/labels.ts"

test("the names of changes do not overlap, the newest first", () => {
  const marks = [[10, "aaaa"], [50, "bbbb"], [52, "cccc"], [99, "dddd"], [150, "eeee"]] as const
  const placed = placeLabels(marks, 0, 100, 200, (text) => 10 * text.length)
  assert.deepEqual(placed.slice(0, 2).map(({text}) => text), ["dddd", "cccc"]) // one is beyond the axis
  assert.equal(placed[0]!.align, "right") // it stands at the right end
  const spans = placed.map(({left, wide}) => [left, left + wide] as const).sort((a, b) => a[0] - b[0])
  for (const [i, [, end]] of spans.slice(0, -1).entries()) assert.ok(end <= spans[i + 1]![0])
  assert.ok(spans[0]![0] >= 0 && spans.at(-1)![1] <= 200)
})

test("of many names so many of the newest are placed", () => {
  const marks = Array.from({length: 20}, (_, i) => [5 * i, "x"] as const)
  assert.equal(placeLabels(marks, 0, 100, 1000, () => 1).length, 6)
})

test("pictures stand in whole rows, as large as they can be", () => {
  for (const count of [4, 9, 16]) {
    for (const [width, height] of [[20, 40], [40, 20], [30, 30], [80, 10]] as const) {
      const {columns, cell} = fit(count, width, height)
      const rows = count / columns
      assert.equal(count % columns, 0)
      const side = cell + RIM
      assert.ok(columns * side + (columns - 1) * GAP <= width + 1e-9)
      assert.ok(rows * (side + LINE) + (rows - 1) * GAP <= height + 1e-9)
      for (let other = 1; other <= count; other++) {
        if (count % other) continue
        const across = (width - (other - 1) * GAP) / other
        const down = (height - (count / other - 1) * GAP) / (count / other) - LINE
        assert.ok(Math.min(across, down) - RIM <= cell + 1e-9, "no other number of columns has larger ones")
      }
    }
  }
})

test("without room a picture still has a size", () => {
  assert.equal(fit(16, 0, 0).cell, 1)
})
