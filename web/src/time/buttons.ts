// The buttons of the top bar.

import {byPointer, el, icon, on} from "../page/dom.ts"

const ICONS = {
  play: ["M4.5 2.5v11l9-5.5z", true],
  pause: ["M4 3h3v10H4zM9 3h3v10H9z", true],
  step: ["M3.5 3v10l7-5zM11.5 3h1.5v10h-1.5z", true],
  reset: ["M3.2 6.2A5.2 5.2 0 1 1 2.8 9M3 2.5v4h4", false],
  seed: ["M3 3h10v10H3zM5.7 5.7h.1M10.2 5.7h.1M8 8h.1M5.7 10.2h.1M10.2 10.2h.1", false],
  save: ["M8 2.5v7M5 6.8l3 3 3-3M2.5 10.5v3h11v-3", false],
  open: ["M8 9.5v-7M5 5.2l3-3 3 3M2.5 10.5v3h11v-3", false],
  theme: ["M8 2.5a5.5 5.5 0 1 0 0 11zM8 2.5a5.5 5.5 0 0 1 0 11", false],
  projector: ["M2 3h12v8H2zM8 11v2.5M5 13.5h6", false],
  compare: ["M2.5 3h4.5v10H2.5zM9 3h4.5v10H9z", false],
  larger: ["M9.5 2.5h4v4M13.5 2.5l-4.5 4.5M6.5 13.5h-4v-4M2.5 13.5l4.5-4.5", false],
  controls: ["M2 4.5h5M11 4.5h3M2 11.5h2M8 11.5h6M9 2.8v3.4M6 9.8v3.4", false],
} as const

export type IconName = keyof typeof ICONS

export const drawn = (name: IconName): SVGSVGElement => icon(ICONS[name][0], ICONS[name][1])

/** What a button does, for the eye and for screen readers. */
export function face(node: HTMLElement, words: string): void {
  node.title = words
  node.setAttribute("aria-label", words)
}

/** An icon, or a letter that transport.css writes since nobody shall hear it, above its word. */
export const worded = (sign: SVGSVGElement | string, word: string): HTMLElement[] => [
  typeof sign === "string" ? el("span.sign", {"data-letter": sign}) : el("span.sign", {}, sign), el("span.under", {}, word),
]

/** `name` says what it does in `data-do`; after a click by mouse the keys are the page's again: space plays. */
export function button(
  name: string, words: string, act: () => void, ...content: readonly (SVGSVGElement | HTMLElement | string)[]
): HTMLButtonElement {
  const node = el("button", {type: "button", "data-do": name}, ...content)
  face(node, words)
  return on(node, "click", (event) => {
    act()
    if (byPointer(event)) node.blur()
  })
}

/** A button with an icon of its name, and a word below it if there is one. */
export const iconButton = (name: IconName, words: string, act: () => void, word?: string): HTMLButtonElement =>
  button(name, words, act, ...(word === undefined ? [drawn(name)] : worded(drawn(name), word)))
