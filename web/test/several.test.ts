// A set of choices as text.

import assert from "node:assert/strict"
import {test} from "node:test"
import {chosen, toggled} from "../src/controls/several.ts"

const ORDER = ["none", "gradient-penalty", "r1", "r2"]

test("a set is put in the order of the choices, whichever was chosen first", () => {
  assert.equal(toggled("r2", "r1", ORDER, "none"), "r1+r2")
  assert.equal(toggled("r1+r2", "gradient-penalty", ORDER, "none"), "gradient-penalty+r1+r2")
})

test("a name that is chosen is taken out, and the empty set has a name", () => {
  assert.equal(toggled("r1+r2", "r1", ORDER, "none"), "r2")
  assert.equal(toggled("r2", "r2", ORDER, "none"), "none")
  assert.equal(toggled("none", "r1", ORDER, "none"), "r1")
})

test("the empty set has no members", () => {
  assert.deepEqual(chosen("none", "none"), [])
  assert.deepEqual(chosen("r1+r2", "none"), ["r1", "r2"])
})
