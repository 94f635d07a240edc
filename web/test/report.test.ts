import assert from "node:assert/strict"
import {test} from "node:test"
import {deflateSync} from "node:zlib"
import type {Frame} from "../src/frames/frame.ts"
import {label, scaleOf, ticks} from "../src/report/report_axes.ts"
import {chartsOf, spanOf} from "../src/report/report_curves.ts"
import {coloursOf, eventsOf, Frames, type RunData, unpack} from "../src/report/report_data.ts"
import {nearest} from "../src/page/numbers.ts"
import {shadeOf} from "../src/report/report_stage.ts"

/** A message by the letter of gandyn/live/frame.py: columns of float32, each [run, source, name, values]. */
function message(step: number, columns: readonly [number, string, string, number[]][]): ArrayBuffer {
  let offset = 0
  const places = columns.map(([run, source, name, values]) => {
    const place = [run, source, name, "f4", [values.length], offset, 1, 0]
    offset += 4 * values.length
    return place
  })
  const text = JSON.stringify({id: 1, series: false, parts: [{step, axes: {}, marks: []}], columns: places})
  const head = new TextEncoder().encode(text + " ".repeat((4 - text.length % 4) % 4))
  const whole = new Uint8Array(4 + head.length + offset)
  new DataView(whole.buffer).setUint32(0, head.length, true)
  whole.set(head, 4)
  whole.set(new Uint8Array(Float32Array.from(columns.flatMap(([, , , values]) => values)).buffer), 4 + head.length)
  return whole.buffer
}

test("a message is unpacked byte by byte", async () => {
  const plain = new Uint8Array([1, 2, 3, 0, 255])
  const text = deflateSync(plain).toString("base64")
  assert.deepEqual(new Uint8Array(await unpack(text)), plain)
})

test("real samples stay until others are brought", () => {
  const real = (x: number): [number, string, string, number[]] => [0, "real", "x", [x]]
  const frames = new Frames([message(0, [real(1)]), message(1, []), message(2, [real(5)]), message(3, [])])
  assert.deepEqual([0, 1, 2, 3].map((i) => frames.realOf(i)[0]!.x!.values[0]), [1, 1, 5, 5])
  assert.equal(frames.frame(3)[0]!.header.step, 3)
})

test("the nearest of the recorded steps", () => {
  assert.deepEqual([0, 14, 16, 99].map((step) => nearest([0, 10, 20], step)), [0, 1, 2, 2])
})

test("ticks are round", () => {
  assert.deepEqual(ticks([-3, 3], 6), [-3, -2, -1, 0, 1, 2, 3])
  assert.deepEqual(ticks([0, 0.06], 3), [0, 0.02, 0.04, 0.06])
  assert.deepEqual(ticks([0, 2000], 4), [0, 500, 1000, 1500, 2000])
  assert.deepEqual(ticks([1, 1], 4), [])
  assert.equal(label(-1500), "−1,500")
})

test("a scale goes both ways", () => {
  assert.equal(scaleOf([0, 10], 100, 0)(2.5), 75)
  assert.equal(scaleOf([100, 200], 0, 10)(150), 5)
})

test("shades of the map lie between its ends", () => {
  assert.deepEqual([-1, 0, 0.5, 0.999, 1, 9].map((value) => shadeOf(value, 0, 1, 256)), [0, 0, 128, 255, 255, 255])
  assert.deepEqual(coloursOf("0080ffFFFFFF"), [[0, 128, 255], [255, 255, 255]])
})

test("charts show what there is, of several runs each in its own colour and dash", () => {
  const column = (values: number[]) => ({values: Float32Array.from(values), shape: [values.length]})
  const run = (gap: [number, number]) => ({
    header: {axes: {losses: [0, 1], gap}},
    sources: {losses: {step: column([1]), critic: column([1]), generator: column([1])}, gap: {step: column([1]), gap: column([1])}},
  }) as unknown as Frame[number]
  const alone = chartsOf([run([0, 1])], ["solid"])
  assert.deepEqual(alone.map(({axis}) => axis), ["losses", "gap"])
  assert.deepEqual(alone[0]!.curves.map(({token}) => token), ["critic", "generated"])
  const both = chartsOf([run([0, 1]), run([-2, 0.5])], ["solid", "8 3"])
  assert.deepEqual(both[1]!.curves.map(({token, dash}) => [token, dash]), [["run1", []], ["run2", [8, 3]]])
  assert.deepEqual(spanOf([run([0, 1]), run([-2, 0.5])], "gap"), [-2, 1])
})

test("changes that all runs have had stand once, the others behind their runs", () => {
  const run = (...events: RunData["events"]) => ({events}) as unknown as RunData
  const both = {step: 5, controls: {unroll: 1, lr_d: 0.001}}
  assert.deepEqual(eventsOf([run(both), run(both, {step: 3, controls: {clip: 1}})]), [
    {step: 3, words: "B: clip 1"}, {step: 5, words: "unroll 1, lr_d 0.001"},
  ])
})
