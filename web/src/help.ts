// What to know to begin with: what is on the page, and the keys.

import {el, on} from "./dom.ts"

type Row = readonly [term: string, text: string]

const KEYS: readonly Row[] = [
  ["space", "play or pause"], ["→", "one step"], ["←", "one step of the past"],
  ["z, y", "undo the last change of a control, do it again"], ["c", "compare with another run"], ["b", "mark this step, or unmark it"], ["d", "one step of the critic only"],
  ["g", "one step of the generator only"],
  ["r", "reset: the same seed again, from step 0"],
  ["s", "save this session as a file: gandyn replay does it again"], ["?", "this page"],
]
const PICTURE: readonly Row[] = [
  ["circles", "real samples: what is to be learned"],
  ["triangles", "generated samples: what the generator makes of noise now"],
  ["colour", "the critic: green where it takes a point for real, purple where it takes it for generated"],
  ["arrows", "where the generator's loss pulls each sample"],
  ["own data", "draw the target, move its Gaussians (by hand, or by the arrow keys, + and −, [ and ], delete), load or paste a file"],
  ["GANs", "4, 9 or 16 seeds in step: a click on a picture puts it on the stage; bands hold half and 80 % of all"],
]

const table = (rows: readonly Row[], head: (term: string) => HTMLElement | string) =>
  el("dl", {}, rows.flatMap(([term, text]) => [el("dt", {}, head(term)), el("dd", {}, text)]))

export interface Help {
  readonly node: HTMLDialogElement
  toggle: () => void
}

/** A dialog over the page. */
export function makeHelp(): Help {
  const close = el("button", {type: "button"}, "Close")
  const node = el("dialog.help", {"aria-label": "help"},
    el("h2", {}, "What you see"), table(PICTURE, (term) => term),
    el("h2", {}, "Keys"), table(KEYS, (key) => el("kbd", {}, key)),
    el("p", {}, "Hover over the name of a control for what it does. Double-click it for the value of the preset. ",
      "Every number can be typed. The address of the page always holds everything: send it, and others see ",
      "the same run."),
    close)
  on(close, "click", () => { node.close() })
  on(node, "click", (event) => { if (event.target === node) node.close() })
  const toggle = () => {
    if (node.open) node.close()
    else node.showModal()
  }
  return {node, toggle}
}
