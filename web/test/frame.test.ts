import assert from "node:assert/strict"
import {test} from "node:test"
import {decode, type Part, same} from "../src/frames/frame.ts"

type Typed = Float32Array | Int32Array | Uint8Array

/** A message by the letter of the protocol: the length of the header, the header, arrays, all aligned to four bytes. */
function message(header: object, arrays: readonly [string, string, string, Typed, number[], ...number[]][]): ArrayBuffer {
  const padded = (bytes: Uint8Array, by: number) => {
    const whole = new Uint8Array(Math.ceil(bytes.length / 4) * 4).fill(by)
    whole.set(bytes)
    return whole
  }
  let offset = 0
  const bodies = arrays.map(([, , , values]) => padded(new Uint8Array(values.buffer), 0))
  const columns = arrays.map(([source, column, kind, , shape, ...scale], i) => {
    const place = [0, source, column, kind, shape, offset, ...(scale.length ? scale : [1, 0])]
    offset += bodies[i]!.length
    return place
  })
  const head = padded(new TextEncoder().encode(JSON.stringify({parts: [header], columns})), 32)
  const bytes = new Uint8Array(4 + head.length + offset)
  new DataView(bytes.buffer).setUint32(0, head.length, true)
  bytes.set(head, 4)
  let at = 4 + head.length
  for (const body of bodies) {
    bytes.set(body, at)
    at += body.length
  }
  return bytes.buffer
}

const one = (sent: ArrayBuffer) => decode(sent) as readonly [Part]

test("a frame is read as it was written", () => {
  const [{header, sources}] = one(message({step: 7, notice: {text: "ähnlich"}}, [
    ["real", "x", "f4", new Float32Array([1.5, NaN, -2]), [3]],
    ["critic", "image", "u1", new Uint8Array([0, 1, 2, 3, 4, 5]), [2, 3], 0.5, -1],
    ["shares", "mode", "i4", new Int32Array([0, 1, 2 ** 20]), [3]],
  ]))
  assert.equal(header.step, 7)
  assert.equal(header.notice?.text, "ähnlich")
  assert.deepEqual([...sources.real!.x!.values], [1.5, NaN, -2])
  assert.deepEqual([...sources.critic!.image!.values], [-1, -0.5, 0, 0.5, 1, 1.5])
  assert.deepEqual(sources.critic!.image!.shape, [2, 3])
  assert.deepEqual([...sources.shares!.mode!.values], [0, 1, 2 ** 20])
})

test("arrays without a scale are read in place", () => {
  const sent = message({}, [["real", "x", "f4", new Float32Array([1, 2]), [2]]])
  assert.equal((one(sent)[0].sources.real!.x!.values as Float32Array).buffer, sent)
})

test("a scaled value is a float32, as Python's would be", () => {
  const sent = message({}, [["critic", "image", "u1", new Uint8Array([255]), [1, 1], 0.1, 0.2]])
  assert.equal(one(sent)[0].sources.critic!.image!.values[0], Math.fround(255 * 0.1 + 0.2))
})

test("an empty column is no error", () => {
  const sent = message({}, [["gap", "step", "f4", new Float32Array(), [0]], ["gap", "gap", "f4", new Float32Array([1]), [1]]])
  assert.deepEqual([...one(sent)[0].sources.gap!.step!.values], [])
  assert.deepEqual([...one(sent)[0].sources.gap!.gap!.values], [1])
})

test("equal columns are known as such, NaN included", () => {
  assert.equal(same([1, NaN], [1, NaN]), true)
  assert.equal(same([1, 2], [1, 3]), false)
  assert.equal(same([1, NaN], [1, 2]), false)
  assert.equal(same([1], [1, 2]), false)
  assert.equal(same([], []), true)
  assert.equal(same([1], undefined), false)
  assert.equal(same(["a"], ["a"]), true)
})
