// Any number of choices at once: what is chosen stands as chips that take themselves out, a list adds the others.

import {el, on} from "../page/dom.ts"
import type {Part, Spec, Use} from "./widgets.ts"

/** The names of a set, which has + between them. */
export function chosen(value: unknown, none: string): string[] {
  return String(value).split("+").filter((name) => name && name !== none)
}

/** The set with this name, in the order of the choices, or without it if it is there; `none` is the empty one. */
export function toggled(value: unknown, name: string, order: readonly string[], none: string): string {
  const now = chosen(value, none)
  const wanted = now.includes(name) ? now.filter((one) => one !== name) : [...now, name]
  return order.filter((one) => wanted.includes(one)).join("+") || none
}

/** A set of the choices; the first of them is the name of the empty set. */
export function several(spec: Spec, use: Use): Part {
  const choices = spec.choices ?? []
  const order = choices.map((choice) => choice.value)
  const none = order[0] ?? ""
  let value = none
  const input = el("select", {name: spec.name, "aria-label": spec.aria})
  const chips = el("div.chosen", {role: "group", "aria-label": `${spec.label}: chosen`})
  const node = el("div.several", {}, chips, el("div.list", {}, input))

  function toggle(name: string): void {
    if (name && name !== none) use(toggled(value, name, order, none), true)
  }

  function chip(name: string): HTMLElement {
    const button = el("button.chip", {
      type: "button", "aria-label": `take out ${name}`, title: `take out ${name}`, "data-name": name,
    }, el("span.name", {}, name), el("span.cross", {"aria-hidden": "true"}, "×"))
    return on(button, "click", () => {
      toggle(name)
      input.focus()
    })
  }

  function show(now: unknown): void {
    value = String(now)
    const names = chosen(value, none)
    chips.hidden = !names.length
    chips.replaceChildren(...names.map(chip))
    const others = choices.filter((choice) => choice.value !== none && !names.includes(choice.value))
    const first = el("option", {value: ""}, names.length ? "add" : none)
    input.replaceChildren(first, ...others.map((choice) =>
      el("option", {value: choice.value, title: choice.summary}, choice.value)))
    input.value = ""
    node.classList.toggle("empty", !names.length)
  }

  on(input, "change", () => { toggle(input.value) })
  show(none)
  return {node, inputs: [input], show, mark() {}}
}
