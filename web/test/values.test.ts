import assert from "node:assert/strict"
import {test} from "node:test"
import {times} from "../src/figures/figure_theme.ts"
import {parse} from "../src/page/formula.ts"
import {beside, digits, place, read, thousands, written} from "../src/page/numbers.ts"
import {linkTo} from "../src/share/query.ts"
import {said} from "../src/share/share.ts"

test("numbers are written without loss and read back", () => {
  const pairs = [[0.001, "0.001"], [2e-4, "2e-4"], [1e6, "1000000"], [0, "0"], [-0.5, "-0.5"], [1e16, "1e+16"]] as const
  for (const [value, text] of pairs) {
    assert.equal(written(value), text)
    assert.equal(read(text), value)
  }
  assert.equal(written(null), "")
  assert.equal(written("128,128"), "128,128")
  assert.equal(written(true), "true")
})

test("what people type", () => {
  assert.equal(read(" 0,5 "), 0.5)
  assert.equal(read("\u22123"), -3)
  for (const text of ["", "abc", "1,2,3", "Infinity"]) assert.equal(read(text), null)
})

test("at the ends of the bar", () => {
  assert.deepEqual([0.456, -12.34, 1234.5, -3.87e15].map(digits), ["0.46", "−12.3", "1235", "−3.9·10¹⁵"])
  assert.equal(thousands(1234567.8), "1,234,568")
})

test("a value stands among the stops in proportion", () => {
  const stops = [0, 1, 10, 100]
  assert.deepEqual(stops.map((stop) => place(stops, stop)), [0, 1 / 3, 2 / 3, 1])
  assert.equal(place(stops, 5.5), 0.5)
  assert.equal(place(stops, 1000), 1)
  assert.equal(place(stops, -5), 0)
  assert.equal(place([3], 3), 0)
})

test("from stop to stop, also from between two", () => {
  const stops = [0, 1, 10, 100]
  assert.equal(beside(stops, 1, 1), 10)
  assert.equal(beside(stops, 1, -1), 0)
  assert.equal(beside(stops, 5.5, 1), 10)
  assert.equal(beside(stops, 5.5, -1), 1)
  assert.equal(beside(stops, 100, 1), 100)
  assert.equal(beside(stops, 0, -10), 0)
})

test("formulas: Greek letters, subscripts, superscripts, hats", () => {
  const parts = parse("L_D = E |grad d(x^)|^2 - lambda").filter(({text}) => text)
  const sub = parts.filter(({kind}) => kind === "sub").map(({text}) => text)
  assert.deepEqual(sub, ["D"])
  assert.deepEqual(parts.filter(({kind}) => kind === "sup").map(({text}) => text), ["2"])
  assert.equal(parts.map(({text}) => text).join(""), "LD = E |∇d(x\u0302)|2 − λ")
})

test("sizes of every kind grow alike", () => {
  assert.equal(times(10, 1.4), 14)
  assert.equal(times("10px", 1.5), "15px")
  assert.deepEqual(times({value: 6, units: "screen"}, 2), {value: 12, units: "screen"})
  assert.equal(times(null, 2), null)
})

test("a link keeps its commas", () => {
  const page = {origin: "http://host:1", pathname: "/lab/dynamics"}
  assert.equal(linkTo({"generator.widths": "8,8", lr_g: "0.001"}, page),
    "http://host:1/lab/dynamics?generator.widths=8,8&lr_g=0.001")
})

test("what is copied says who can open it, and from where it begins", () => {
  assert.equal(said({local: false, long: false}), "link to this moment copied")
  assert.equal(said({local: true, long: false}), "link to this moment copied, for this computer only")
  assert.match(said({local: true, long: true}), /^link to step 0 copied, for this computer only: .* save it as a file$/)
})
