import assert from "node:assert/strict"
import {test} from "node:test"
import {type KeyPress, makeKeys} from "../src/page/keys.ts"

interface Options extends Partial<KeyPress> {
  readonly at?: string // the element that has the focus
  readonly busy?: boolean
}

/** What a key does, and whether the browser was kept from doing its own. */
function press(key: string, {at = "body", busy = false, ...rest}: Options = {}): {done: string[], prevented: boolean} {
  const done: string[] = []
  let prevented = false
  const names = {" ": "toggle", ArrowRight: "step", r: "reset", "?": "help"}
  const acts = Object.fromEntries(Object.entries(names).map(([one, name]) => [one, () => { done.push(name) }]))
  const listener = makeKeys(acts, () => busy)
  const matches = (selectors: string) => selectors.replace(/:not\(.*?\)/, "").split(", ").includes(at)
  listener({
    key, ctrlKey: false, metaKey: false, altKey: false, repeat: false, preventDefault: () => { prevented = true },
    composedPath: () => [{matches} as unknown as EventTarget], ...rest,
  })
  return {done, prevented}
}

test("a key of the page acts, and the page does not scroll", () => {
  assert.deepEqual(press(" "), {done: ["toggle"], prevented: true})
  assert.deepEqual(press("r"), {done: ["reset"], prevented: true})
})

test("other keys are left alone", () => {
  for (const key of ["x", "Tab", "constructor", "toString"]) assert.deepEqual(press(key), {done: [], prevented: false})
})

test("keys with a modifier are the browser's", () => {
  for (const held of ["ctrlKey", "metaKey", "altKey"]) assert.deepEqual(press("r", {[held]: true}).done, [])
})

test("who types is not disturbed", () => {
  for (const at of ["input", "textarea", "select", "[contenteditable]"]) assert.deepEqual(press("r", {at}).done, [])
})

test("a button keeps the space bar, an input the arrows", () => {
  assert.deepEqual(press(" ", {at: "button"}).done, [])
  assert.deepEqual(press("r", {at: "button"}).done, ["reset"])
  assert.deepEqual(press("ArrowRight", {at: "button"}).done, ["step"])
})

test("a key that is held steps on, and does nothing else again", () => {
  assert.deepEqual(press("ArrowRight", {repeat: true}).done, ["step"])
  assert.deepEqual(press(" ", {repeat: true}).done, [])
})

test("under a dialog only ? is heard", () => {
  assert.deepEqual(press(" ", {busy: true}).done, [])
  assert.deepEqual(press("?", {busy: true}).done, ["help"])
})
