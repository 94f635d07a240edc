import assert from "node:assert/strict"
import {test} from "node:test"
import {erased, painted} from "../src/own_data/brush.ts"
import {isData} from "../src/own_data/data_files.ts"
import {added, changed, pressed, read, removed, write} from "../src/own_data/mixture.ts"
import {decode, encode, type Point} from "../src/own_data/point_text.ts"
import {route} from "../src/frames/server.ts"
import {upload} from "../src/own_data/upload.ts"

const near = (a: number, b: number, by: number) => { assert.ok(Math.abs(a - b) <= by, `${a} is not ${b}`) }

test("a text is what Python makes of the same points", () => {
  // gandyn.targets.point_text.encode
  assert.equal(encode([[1, 1], [-1, 1], [-1, -1], [1, -1]], 1), "0,0,1~A-fkg8f-f")
  assert.equal(encode([[0.5, -1.25], [2, 2.999], [0.5, -1.25]], 3), "0,0,3~qpqJAsxzW")
  assert.deepEqual(decode("0,0,3~A"), [[-3, -3]])
  assert.deepEqual(decode("1,2,3~AA").length, 2)
  assert.deepEqual(decode(""), [])
})

test("a text keeps points to a cell, and again the same cells", () => {
  const points = Array.from({length: 500}, (_, i): Point => [3 * Math.sin(i * 1.7), 2.5 * Math.cos(i * 0.9)])
  const text = encode(points, 3), back = decode(text)
  assert.equal(encode(back, 3), text)
  const sorted = (all: readonly Point[], axis: 0 | 1) => all.map((point) => point[axis]).sort((a, b) => a - b)
  for (const axis of [0, 1] as const) {
    const [now, then] = [sorted(back, axis), sorted(points, axis)]
    for (const [i, value] of now.entries()) near(value, then[i]!, 3 / 1022 + 1e-9)
  }
})

test("points beyond the stage make the text's square larger, nothing is cut off", () => {
  const [far] = decode(encode([[7.77, 0]], 3))
  near(far![0], 7.77, 7.78 / 1022)
})

/** Numbers on [0, 1) that repeat. */
function even(): () => number {
  let i = 0
  return () => (i = (i + 0.618034) % 1)
}

test("a brush leaves points on its way alone, more of them on a longer way and for a wider brush", () => {
  const count = (to: Point, radius: number) => painted([0, 0], to, radius, 3, even()).length
  for (const [x, y] of painted([-1, 0], [1, 0], 0.2, 3, even())) assert.ok(Math.abs(y) <= 0.2 && Math.abs(x) <= 1.2)
  near(count([2, 0], 0.2) / count([1, 0], 0.2), 2, 0.1)
  near(count([1, 0], 0.4) / count([1, 0], 0.2), 2, 0.1)
  assert.ok(painted([0, 0], [0, 0], 0.001, 3, () => 0).length === 1, "a tap leaves a point")
  for (const [x] of painted([2.9, 0], [3, 0], 0.5, 3, even())) assert.ok(x <= 3)
})

test("an eraser takes what lies on its way", () => {
  const points: Point[] = [[0, 0], [0.5, 0.1], [1, 0.3], [2, 0]]
  assert.deepEqual(erased(points, [0, 0], [1, 0], 0.2), [[1, 0.3], [2, 0]])
  assert.deepEqual(erased(points, [2, 0], [2, 0], 0.01), points.slice(0, 3))
})

test("Gaussians are controls and back", () => {
  const written = {x: [0, 1], y: [2, 3], sigmas: [0.1], weights: []}
  assert.deepEqual(write(read(written)), written)
  const uneven = {x: [0, 1], y: [2, 3], sigmas: [0.1, 0.2], weights: [1, 3]}
  assert.deepEqual(write(read(uneven)), uneven)
})

test("Gaussians are added, moved within the stage, weighted and removed", () => {
  const one = read({x: [0], y: [0], sigmas: [0.2], weights: []})
  const two = added(one, [1, 1], 3)
  assert.deepEqual(two[1], {x: 1, y: 1, sigma: 0.2, weight: 1})
  assert.deepEqual(changed(two, 1, {x: 9, y: -9, sigma: 0, weight: 99}, 3)[1], {x: 3, y: -3, sigma: 0.001, weight: 10})
  assert.deepEqual(removed(two, 0), [two[1]])
  assert.equal(one.length, 1)
})

test("keys move, resize and weight", () => {
  const one = {x: 0, y: 0, sigma: 0.2, weight: 1}
  near(pressed(one, "ArrowLeft", false, 3)!.x!, -0.05, 1e-12)
  near(pressed(one, "ArrowUp", true, 3)!.y!, 0.01, 1e-12)
  assert.ok(pressed(one, "+", false, 3)!.sigma! > 0.2 && pressed(one, "-", false, 3)!.sigma! < 0.2)
  assert.ok(pressed(one, "]", false, 3)!.weight! > 1)
  assert.equal(pressed(one, "d", false, 3), null)
})

test("a file is sent in pieces, in their order, and the last answer counts", async () => {
  const asked: URL[] = []
  const send = (async (url: string, {body}: {body: Blob}) => {
    asked.push(new URL(url))
    return await Promise.resolve(Response.json(asked.length === 3 ? {text: `${body.size} left`} : {}))
  }) as unknown as typeof fetch
  const shares: number[] = []
  const to = route("http://host/lab/", "data", {run: "a b"})
  assert.equal(to, "http://host/lab/gandyn/data?run=a+b")
  const answer = await upload(to, "ä&.csv", new Blob([new Uint8Array(2 * 2 ** 20 + 5)]), (share) => shares.push(share), send)
  assert.deepEqual(answer, {text: "5 left"})
  assert.deepEqual(asked.map((url) => [url.searchParams.get("part"), url.searchParams.get("of")]), [["0", "3"], ["1", "3"], ["2", "3"]])
  assert.equal(new Set(asked.map((url) => url.searchParams.get("upload"))).size, 1)
  assert.equal(asked[0]!.searchParams.get("name"), "ä&.csv")
  assert.deepEqual(shares.map((share) => share.toFixed(2)), ["0.33", "0.67", "1.00"])
})

test("an error ends it, and a server that is gone is one", async () => {
  let count = 0
  const refuse = (async () => await Promise.resolve(Response.json({error: `no ${++count}`}))) as unknown as typeof fetch
  const blob = new Blob([new Uint8Array(3 * 2 ** 20)])
  assert.deepEqual(await upload("http://h/?", "a", blob, () => {}, refuse), {error: "no 1"})
  const gone = (async () => await Promise.reject(new Error("gone"))) as unknown as typeof fetch
  assert.match((await upload("http://h/?", "a", blob, () => {}, gone)).error!, /^a did not arrive/)
  assert.match((await upload("http://h/?", "a", {size: 10 ** 9} as Blob, () => {}, gone)).error!, /at most 64 are read/)
})

test("which files are data", () => {
  assert.deepEqual(["a.csv", "B.NPY", "c.tsv", "d.txt", "e.json", "csv"].map(isData), [true, true, true, true, false, false])
})
