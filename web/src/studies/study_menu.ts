// The menu of the views of choice: which of them stand beside the stage.

import {el, icon, on} from "../page/dom.ts"

const PANELS = "M2.5 3h11v10h-11zM9 3v10M9 8h4.5"

/** A view of choice, as the server offers it. */
export interface Offered {
  readonly name: string
  readonly title: string
  readonly reading: string
  readonly cost: string
  readonly unfit: string // why there is nothing to see of it; nothing: there is
}

export interface StudyMenu {
  readonly node: HTMLElement
  show(offered: readonly Offered[], displayed: readonly string[]): void
}

/** `choose` gets the names of those that shall be shown, the newest last. */
export function makeStudyMenu(choose: (names: readonly string[]) => void): StudyMenu {
  const list = el("div.menu.studies", {popover: "auto", role: "group", "aria-label": "views beside the stage"})
  const button = el("button.chip.more-views", {type: "button", title: "more views, beside the stage"}, icon(PANELS), "views")
  button.popoverTargetElement = list
  let chosen: readonly string[] = []

  function row({name, title, reading, cost, unfit}: Offered): HTMLElement {
    const input = on(el("input", {type: "checkbox", name: `view-${name}`, checked: chosen.includes(name),
      disabled: unfit !== "" && !chosen.includes(name)}), "change", () => {
      choose(input.checked ? [...chosen, name] : chosen.filter((one) => one !== name))
    })
    return el("label", {title: `${unfit || reading} Its cost: ${cost}.`}, input, el("span", {}, title, el("small", {}, unfit)))
  }
  on(list, "toggle", () => {
    const {left, top} = button.getBoundingClientRect()
    list.style.left = `${Math.max(8, Math.min(left, innerWidth - list.offsetWidth - 8))}px`
    list.style.top = `${Math.max(8, top - list.offsetHeight - 4)}px`
  })
  return {
    node: el("div.views", {}, button, list),
    show(offered, displayed) {
      chosen = displayed
      const focused = list.querySelector<HTMLInputElement>(":focus")?.name
      list.replaceChildren(...offered.map(row))
      if (focused) list.querySelector<HTMLInputElement>(`[name="${focused}"]`)?.focus()
    },
  }
}
