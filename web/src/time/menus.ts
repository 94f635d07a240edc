// The two menus of the top bar, each tied to the model that bears its value.

import {el, on} from "../page/dom.ts"
import type {ListedPreset} from "../messages.ts"
import type {Value} from "../bokeh/panel.ts"

/** In a class a menu may be locked, and says why. */
function lock(node: HTMLSelectElement, {locked}: Value, title: string): void {
  node.disabled = locked !== ""
  node.title = locked ? `Cannot be changed: ${locked}.` : title
}

/** How many GANs go at once. */
export function makeMultiples(multiples: readonly number[], lanes: Value<number>): HTMLElement {
  const words = (n: number) => (n === 1 ? "1 GAN" : `${n} GANs`)
  const options = multiples.map((n) => el("option", {value: n}, words(n)))
  const node = el("select", {
    name: "lanes", "aria-label": "GANs at once", title: "GANs at once, of this seed and the next: starts the run again",
  }, options)
  on(node, "change", () => {
    lanes.value = Number(node.value)
    node.blur()
  })
  const title = node.title
  const show = () => {
    node.value = String(lanes.value)
    lock(node, lanes, title)
  }
  lanes.change.connect(show)
  show()
  return el("div.multiples", {}, node)
}

/**
 * The list of presets, each with its line where the browser can show it. `again`: the one that is chosen is chosen once
 * more, of which a browser says nothing by itself.
 */
export function makePresets(presets: readonly ListedPreset[], preset: Value<string>, again: () => void): HTMLElement {
  const rich = CSS.supports("appearance", "base-select")
  const words = ({name, summary}: ListedPreset) => (rich ? [el("span.name", {}, name), el("small", {}, summary)] : name)
  const options = presets.map((one) => el("option", {value: one.name, title: one.summary}, words(one)))
  const selected = rich ? el("button", {type: "button"}, el("selectedcontent")) : null
  const node = el("select.preset", {name: "preset", "aria-label": "preset"}, selected, options)
  let changed = false
  on(node, "change", () => {
    changed = true
    if (node.value) preset.value = node.value
    else again()
    show()
    leave()
  })
  const leave = () => { setTimeout(() => { node.blur() }) } // closing, the list gives the focus back
  function show(): void {
    node.value = preset.value
    lock(node, preset, "")
  }
  if (rich) {
    on(node, "pointerdown", () => { changed = false })
    on(node, "keydown", () => { changed = false })
    for (const option of options) {
      const choose = () => {
        if (changed || option.value !== preset.value) return
        again()
        leave()
      }
      on(option, "click", choose)
      on(option, "keydown", ({key}) => { if (key === "Enter" || key === " ") choose() })
    }
  } else node.prepend(el("option", {value: ""}, "the same again"))
  preset.change.connect(show)
  show()
  return node
}
