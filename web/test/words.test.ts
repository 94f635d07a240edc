import assert from "node:assert/strict"
import {test} from "node:test"
import {shortened} from "../src/page/now.ts"

test("a caption that the notice says as a whole is its first word", () => {
  const caption = "Diverging: the critic's loss is 8.84·10⁷."
  assert.equal(shortened({caption, notice: {kind: "warning", text: `${caption} Set smaller rates.`, action: null}}), "Diverging.")
  assert.equal(shortened({caption, notice: null}), caption)
  assert.equal(shortened({caption: "Short.", notice: {kind: "info", text: "Short.", action: null}}), "Short.")
  assert.equal(shortened({}), "")
})
