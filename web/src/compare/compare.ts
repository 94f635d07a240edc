// "Compare with ...": a menu of what may stand beside the run, from step 0 on or from here.

import type {Alternative, Command, Compare as Asked} from "../messages.ts"
import {drawn, face, worded} from "../time/buttons.ts"
import {el, on} from "../page/dom.ts"

export interface Offered {
  readonly alternatives: readonly Alternative[]
  readonly full: boolean // no more runs can be compared
  readonly pinned: string // what is pinned as a baseline
  readonly changed_live: boolean // the run has changes on the way to where it stands
}

export interface Compare {
  readonly node: HTMLElement
  toggle: () => void
  list(offered: Offered): void
}

/** A button with its menu; `ask` has the server do it. */
export function makeCompare(ask: (message: Command | Asked) => void): Compare {
  const items = el("div.items")
  const from = el("input", {type: "checkbox", name: "here"})
  const full = el("p.full", {hidden: true}, "Four runs are the most: close one first.")
  const entry = (label: string, message: () => Command | Asked) =>
    on(el("button", {type: "button"}, label), "click", () => {
      menu.hidePopover()
      ask(message())
    })
  const menu = el("div.compare-menu", {popover: "auto", "aria-label": "compare with"},
    el("p.title", {}, "Compare with"),
    el("label.here", {}, from, " from this step on: otherwise both begin at step 0"), items, full,
    entry("Pin this run as a baseline for later", () => ({type: "command", name: "pin"})))
  const button = el("button", {type: "button", "data-do": "compare"}, worded(drawn("compare"), "compare"))
  face(button, "compare with another run, side by side (c)")
  button.popoverTargetElement = menu

  const item = ({label, controls}: Alternative) => entry(label, () => ({type: "compare", controls, here: from.checked}))
  on(menu, "toggle", () => {
    if (!menu.matches(":popover-open")) return
    from.checked = branches // a run that was changed on its way is not what its settings make of it from step 0 on
    items.querySelector("button")?.focus()
    const {left, bottom} = button.getBoundingClientRect()
    menu.style.left = `${Math.max(8, Math.min(left, innerWidth - menu.offsetWidth - 8))}px`
    menu.style.top = `${bottom + 4}px`
  })

  on(menu, "keydown", (event) => {
    const step = {ArrowDown: 1, ArrowUp: -1}[event.key]
    if (step === undefined) return
    const all = [...menu.querySelectorAll("button")].filter((one) => one.offsetParent)
    const focused = (menu.getRootNode() as ShadowRoot).activeElement as HTMLButtonElement
    const next = (all.indexOf(focused) + step + all.length) % all.length
    event.preventDefault()
    event.stopPropagation()
    all[next]?.focus()
  })

  let branches = false
  function list({alternatives, full: isFull, pinned, changed_live: changed}: Offered): void {
    branches = changed
    full.hidden = !isFull
    items.hidden = isFull
    items.replaceChildren(...alternatives.map(item), item({label: "the same once more, to be changed", controls: {}}),
      ...(pinned ? [entry(`the pinned run: ${pinned}`, () => ({type: "command", name: "pinned"}))] : []))
  }
  return {node: el("div.compare", {}, button, menu), list, toggle: () => { menu.togglePopover() }}
}
