import assert from "node:assert/strict"
import {test} from "node:test"
import {spikeMarks} from "../src/figures/spikes.ts"

const room = {low: 0, high: 100, width: 200, height: 60, measure: (text: string) => 6 * text.length}
const list = (values: ArrayLike<unknown> | undefined) => Array.from(values ?? [])

test("a mark stands inside the edge that its value is beyond, and points out", () => {
  const {step, at, angle, text} = spikeMarks([[10, 1, "4·10¹⁵"], [50, -1, "−3"]], room)
  assert.deepEqual(list(step!.values), [10, 50])
  assert.deepEqual(list(at!.values).map((one) => Number(one).toFixed(2)), ["0.90", "0.10"])
  assert.deepEqual(list(angle!.values).map((one) => Number(one) > 3), [false, true])
  assert.deepEqual(list(text!.values), ["4·10¹⁵", "−3"])
})

test("of marks close together the one farthest out has its value, and each its triangle", () => {
  const {text, align, offset} = spikeMarks([[50, 1, "9999"], [52, 1, "8888"], [52, -1, "−7"]], {...room, width: 80})
  assert.deepEqual(list(text!.values), ["9999", "", "−7"])
  assert.equal(list(align!.values)[0], "left")
  assert.ok(Number(list(offset!.values)[0]) > 0)
})

test("at the right end the value stands to the left", () => {
  const {align, offset} = spikeMarks([[99, 1, "9999"]], room)
  assert.deepEqual(list(align!.values), ["right"])
  assert.ok(Number(list(offset!.values)[0]) < 0)
})

test("no spikes, no marks", () => {
  assert.equal(spikeMarks([], room).step!.values.length, 0)
})
