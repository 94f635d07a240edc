import assert from "node:assert/strict"
import {test} from "node:test"
import {fits} from "../src/axis_names.ts"
import {shortened} from "../src/now.ts"

test("a caption that the notice says as a whole is its first word", () => {
  const caption = "Diverging: the critic's loss is 8.84·10⁷."
  assert.equal(shortened({caption, notice: {kind: "warning", text: `${caption} Set smaller rates.`, action: null}}), "Diverging.")
  assert.equal(shortened({caption, notice: null}), caption)
  assert.equal(shortened({caption: "Short.", notice: {kind: "info", text: "Short.", action: null}}), "Short.")
  assert.equal(shortened({}), "")
})

test("a name that is longer than its axis does not stand there; before it is laid out nothing is known", () => {
  assert.deepEqual([fits(37, 40), fits(37, 20), fits(37, 0)], [true, false, true])
})
