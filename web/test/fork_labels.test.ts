import assert from "node:assert/strict"
import {test} from "node:test"
import {placeForkLabels} from "../src/time/fork_labels.ts"

test("a name stands behind its bar, before it, or upon it", () => {
  assert.deepEqual(placeForkLabels([{left: 100, right: 300, wide: 80}], 500), [300])
  assert.deepEqual(placeForkLabels([{left: 100, right: 450, wide: 80}], 500), [20])
  assert.deepEqual(placeForkLabels([{left: 0, right: 500, wide: 80}], 500), [0])
})

test("no name lies over another, the newest come first, and what has no words or no room has no place", () => {
  const bars = [{left: 0, right: 500, wide: 80}, {left: 0, right: 500, wide: 90}]
  assert.deepEqual(placeForkLabels(bars, 500), [420, 0])
  assert.deepEqual(placeForkLabels(bars, 120), [null, 0])
  assert.deepEqual(placeForkLabels([{left: 10, right: 20, wide: 0}], 500), [null])
})
