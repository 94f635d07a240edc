import assert from "node:assert/strict"
import {test} from "node:test"
import {words} from "../src/share/exports.ts"
import {parts} from "../src/share/opening.ts"
import {legendOf, lineOf} from "../src/share/picture.ts"
import {flow, framed, type Framing} from "../src/share/svg_frame.ts"

const framing: Framing = {
  legend: [], scale: null, line: "", ground: "#FFF", text: "#111", muted: "#777", font: "Arial",
  measure: (text) => 6 * text.length,
}
const figure = {text: "<?xml version=\"1.0\"?><svg width=\"200\" height=\"100\"><path/></svg>", width: 200, height: 100}
const entry = (label: string) => ({label, colour: "#123456", shape: "solid"})

test("things flow into rows", () => {
  assert.deepEqual(flow([50, 50, 50], 120, 10), [{row: 0, x: 0}, {row: 0, x: 60}, {row: 1, x: 0}])
  assert.deepEqual(flow([500, 10], 100, 10), [{row: 0, x: 0}, {row: 1, x: 0}], "one that is too wide has a row of its own")
})

test("a figure stands below its legend and above its line", () => {
  const {text, width, height} = framed(figure, {...framing, legend: [entry("a < b")], line: "collapse · step 1"})
  assert.equal(width, 200)
  assert.equal(height, 6 + 18 + 100 + 15 + 6)
  assert.match(text, /<svg x="0" y="24" width="200" height="100"><path\/><\/svg>/)
  assert.ok(text.includes("a &#60; b") && text.includes("collapse · step 1</text>"))
  assert.ok(!text.includes("<?xml"))
})

test("a long legend and a long line take more rows", () => {
  const one = framed(figure, {...framing, legend: [entry("a")], line: "short"})
  const long = framed(figure, {...framing, legend: [entry("aaaaaaaaaaaaaaa"), entry("bbbbbbbbbbbbb")],
    line: "words that are more than one row of this picture"})
  assert.equal(long.height - one.height, 18 + 15)
})

test("the legend of several runs says which is which", () => {
  const own = [{label: "critic", token: "critic", shape: "solid"}]
  const painted = (differs: string) => ({line: "open" as const, sources: {}, differs})
  assert.deepEqual(legendOf(own, [], [painted("")], ["solid"]), own)
  const many = legendOf(own, own, [painted("k 0"), painted("k 5")], ["solid", "8 3"])
  assert.deepEqual(many.map(({label, token, shape}) => [label, token, shape]),
    [["A k 0", "run1", "solid"], ["B k 5", "run2", "8 3"]])
})

test("the line says preset, seed, step and what differs", () => {
  const painted = {line: "open" as const, sources: {}, preset: "collapse", seed: 3, step: 1234}
  assert.equal(lineOf([painted], "k 5"), "collapse · seed 3 · step 1,234 · k 5")
  assert.equal(lineOf([painted, {...painted, seed: 4}], "k 5"), "collapse · step 1,234")
})

test("how far a file is, and where it is fetched", () => {
  assert.equal(words({type: "export-progress", name: "a.csv", done: 0, of: 0}), "a.csv …")
  assert.equal(words({type: "export-progress", name: "a.html", done: 3, of: 200}), "a.html: 3 of 200")
  assert.equal(words({type: "export-ready", name: "a.csv", key: "k"}), "a.csv is saved")
  assert.equal(words({type: "export-failed", name: "a.csv", error: "no room"}), "no room")
})

test("a session goes to the server in parts that are whole letters", () => {
  assert.deepEqual(parts(""), [{type: "open-file", text: "", part: 0, of: 1}])
  const text = `${"x".repeat(2 ** 17 - 1)}😀${"y".repeat(2 ** 17)}`
  const sent = parts(text)
  assert.deepEqual(sent.map(({part, of}) => [part, of]), [[0, 3], [1, 3], [2, 3]])
  assert.equal(sent.map((one) => one.text).join(""), text)
  assert.ok(sent.every((one) => !one.text.startsWith("\uDE00") && one.text.length <= 2 ** 17))
})
