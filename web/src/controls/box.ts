// A box to type into.

import {el, on} from "../page/dom.ts"
import {beside, clamp, read, written} from "../page/numbers.ts"
import type {Part, Spec, Use} from "./widgets.ts"

/** What cannot be read is told in `complain` and undone. */
export function box(spec: Spec, use: Use, complain: (line: string) => void): Part {
  let value: unknown = null
  let dirty = false // typed into, and not yet used
  const number = spec.widget === "number"
  const input = el("input", {
    type: "text", name: spec.name, "aria-label": spec.aria, autocomplete: "off", spellcheck: "false",
    inputmode: number ? (spec.integer ? "numeric" : "decimal") : null, placeholder: number ? null : "none",
  })
  const node = el(number ? "div.box.number" : "div.box", {}, input)
  const text = (now: unknown) => (number ? spec.text?.(now) ?? written(now) : written(now))
  const show = (now: unknown) => {
    value = now
    if (!input.matches(":focus") || !dirty) input.value = text(now)
  }
  const restore = () => {
    dirty = false
    input.value = text(value)
  }
  const commit = () => {
    if (!dirty) return
    const typed = input.value
    const entered = number ? spec.parse?.(typed) ?? read(typed) : typed.trim()
    if (entered === null) complain(`${spec.title} must be a number, not “${typed.trim()}”`)
    else if (entered !== value) {
      value = entered
      use(entered, true)
    }
    restore()
  }
  const stride = (by: number) => {
    const now = value as number
    return spec.stops?.length ? beside(spec.stops, now, by) : clamp(now + by, spec.low ?? -Infinity, spec.high ?? Infinity)
  }
  const step = (by: number) => {
    dirty = false
    const now = stride(by)
    show(now)
    use(now, true)
  }
  on(input, "input", () => { dirty = true })
  on(input, "blur", commit)
  on(input, "focus", () => { input.select() })
  on(input, "keydown", (event) => {
    if (event.key === "Escape") restore()
    // Out of the box, so that the keys are the page's again; Tab goes on from here.
    if (event.key === "Enter" || event.key === "Escape") input.blur()
    else if (number && (event.key === "ArrowUp" || event.key === "ArrowDown")) {
      event.preventDefault()
      commit()
      step(event.key === "ArrowUp" ? 1 : -1)
    }
  })
  if (spec.integer && number) {
    const button = (sign: string, by: number, word: string) => {
      const attributes = {type: "button", tabindex: -1, "aria-label": `${word} ${spec.label}`}
      return on(el("button", attributes, sign), "click", () => { step(by) })
    }
    node.replaceChildren(button("−", -1, "decrease"), input, button("+", 1, "increase"))
    node.classList.add("stepper")
  }
  return {node, inputs: [input], show, mark() {}}
}
