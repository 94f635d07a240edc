// "Compare with ...": a menu of what may stand beside the run, from step 0 on or from here.

import {drawn, face} from "./buttons.ts"
import {el, on} from "./dom.ts"

export interface Alternative {
  readonly label: string
  readonly controls: Readonly<Record<string, unknown>>
}

export interface Compare {
  readonly node: HTMLElement
  toggle: () => void
  list(alternatives: readonly Alternative[], full: boolean, pinned: string): void
}

/** A button with its menu; `ask` has the server do it. */
export function makeCompare(ask: (message: Readonly<Record<string, unknown>>) => void): Compare {
  const items = el("div.items")
  const from = el("input", {type: "checkbox", name: "here"})
  const full = el("p.full", {hidden: true}, "Four runs are the most: close one first.")
  const entry = (label: string, message: () => Readonly<Record<string, unknown>>) =>
    on(el("button", {type: "button"}, label), "click", () => {
      menu.hidePopover()
      ask(message())
    })
  const menu = el("div.compare-menu", {popover: "auto", "aria-label": "compare with"},
    el("p.title", {}, "Compare with"), items, full,
    entry("Pin this run as a baseline for later", () => ({command: "pin"})),
    el("label.here", {}, from, " branch here: both share the past up to this step"))
  const button = el("button", {type: "button", "data-do": "compare"}, drawn("compare"), el("span.word", {}, "compare"))
  face(button, "compare with another run, side by side (c)")
  button.popoverTargetElement = menu

  const item = ({label, controls}: Alternative) => entry(label, () => ({compare: controls, here: from.checked}))
  on(menu, "toggle", () => {
    if (!menu.matches(":popover-open")) return
    const {left, bottom} = button.getBoundingClientRect()
    menu.style.left = `${Math.max(8, Math.min(left, innerWidth - menu.offsetWidth - 8))}px`
    menu.style.top = `${bottom + 4}px`
  })

  function list(alternatives: readonly Alternative[], isFull: boolean, pinned: string): void {
    full.hidden = !isFull
    items.hidden = isFull
    items.replaceChildren(...alternatives.map(item), item({label: "the same once more, to be changed", controls: {}}),
      ...(pinned ? [entry(`the pinned run: ${pinned}`, () => ({command: "pinned"}))] : []))
  }
  return {node: el("div.compare", {}, button, menu), list, toggle: () => { menu.togglePopover() }}
}
