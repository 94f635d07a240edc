// What to know to begin with: what is on the page, and the keys.

import {el, on} from "./dom.ts"

type Row = readonly [term: string, text: string]

const KEYS: readonly Row[] = [
  ["space", "play or pause"], ["→", "one step"], ["←", "one step of the past"],
  ["z, y", "undo the last change, or a new beginning; do it again"], ["c", "compare with another run"], ["b", "mark this step, or unmark it"], ["d", "one step of the critic only"],
  ["g", "one step of the generator only"],
  ["r", "reset: the same seed again, from step 0"],
  ["s", "save this session as a file: gandyn replay does it again"], ["?", "this page"],
]
const STAGE: readonly Row[] = [
  ["circles", "real samples, x from p: what is to be learned"],
  ["triangles", "generated samples, G(z) of noise z, now"],
  ["map", "the critic: green where it takes a point for real, purple where it takes it for generated; D(x), the probability that x is real, or a score"],
  ["contours", "lines of equal critic; the thick one is where it is undecided, D(x) = ½"],
  ["arrows", "the way that the generator's loss pulls each sample: −∂loss/∂G(z)"],
  ["rings", "three standard deviations around each mode, numbered as the bars are; bold: covered, by at least a quarter of an even share, n / (4 K) of n samples at K modes"],
  ["◂ 12 outside", "samples beyond that edge of the stage"],
]
const CURVES: readonly Row[] = [
  ["loss", "what critic and generator minimise; dashed: the critic's objective f after k more updates"],
  ["gap", "f − fₖ: what k more updates would gain the critic while the generator stands still; near 0 the critic is at its best"],
  ["modes", "how many modes are covered, and high quality: the share of samples within three standard deviations of one"],
  ["shares", "the share of the samples at each mode, beside its weight in the target"],
  ["distance", "sliced W₂ between generated and real samples, above the floor of two real sets; for targets without modes"],
  ["a drag", "across a figure looks closer; a double click, or Esc, shows all again"],
  ["dot, ▴", "the value at this moment, which is no point of the curve; a value beyond the axis"],
]
const PAST: readonly Row[] = [
  ["strip", "small pictures of the samples along the steps: drag to any of them"],
  ["lines, bars, ★", "a change of a control, another branch, a bookmark: a click goes there"],
  ["branch", "going on from the past under other controls, or a reset, begins one; nothing is lost"],
  ["compare", "up to four runs on one clock; the letter above a stage takes the controls, × takes the run away"],
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
  const node = el("dialog.help", {"aria-label": "help"}, close,
    el("h2", {}, "The stage"), table(STAGE, (term) => term),
    el("h2", {}, "The curves"), table(CURVES, (term) => term),
    el("h2", {}, "The past, and more than one run"), table(PAST, (term) => term),
    el("h2", {}, "Keys"), table(KEYS, (key) => el("kbd", {}, key)),
    el("p", {}, "Hover over the name of a control for what it does. Double-click it for the value of the preset. ",
      "Every number can be typed. The address of the page opens this run from step 0, the link of the share button ",
      "at this moment."))
  on(close, "click", () => { node.close() })
  on(node, "click", (event) => { if (event.target === node) node.close() })
  const toggle = () => {
    if (node.open) node.close()
    else node.showModal()
  }
  return {node, toggle}
}
