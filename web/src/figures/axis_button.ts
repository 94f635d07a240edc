// The name of the curves' common axis, which turns it: from steps to the gradients that these took, and back.

import {el, on} from "../page/dom.ts"
import type {Axis} from "../page/messages.ts"

const NAMES: Readonly<Record<Axis, string>> = {steps: "step", gradients: "gradients"}
const WORDS: Readonly<Record<Axis, string>> = {
  steps: "over steps: click for gradients, the evaluations of both players' gradients that the steps took",
  gradients: "over gradients, the evaluations of both players' gradients that the steps took: click for steps",
}

export interface AxisButton {
  readonly node: HTMLElement
  show(along: Axis): void
}

/** Lies where the figure has the name itself, for pictures. `turn` gets what is chosen. */
export function makeAxisButton(turn: (along: Axis) => void): AxisButton {
  let now: Axis = "steps"
  const node = on(el("button.along", {type: "button", "data-do": "axis"}), "click", () => {
    turn(now === "steps" ? "gradients" : "steps")
  })
  return {
    node,
    show(along) {
      now = along
      node.replaceChildren(NAMES[along], el("span", {"aria-hidden": "true"}, " ⇄"))
      node.title = WORDS[along]
      node.setAttribute("aria-label", `${NAMES[along]}: ${WORDS[along]}`) // what is seen, first
    },
  }
}
