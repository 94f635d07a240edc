// What is happening now, as the last painted frame measures it: how many modes are covered, and one sentence.

import type {Painted} from "./channel.ts"
import {el, put} from "./dom.ts"

const CALM = 700 // ms between two sentences: time to read one

export interface Now {
  readonly node: HTMLElement
  frame(painted: Painted, at: number): void
}

/** `5 of 8 modes`; nothing where the target has none. */
export function countOf({measures, axes}: Pick<Painted, "measures" | "axes">): string {
  const covered = measures?.covered, count = axes?.modes?.[1]
  return covered == null || count === undefined ? "" : `${covered} of ${count} modes`
}

export function makeNow(): Now {
  const count = el("strong"), text = el("span", {"aria-live": "polite"})
  const node = el("p.now", {"aria-label": "what is happening now"}, count, " ", text)
  let last = -Infinity, counted = ""

  function frame(painted: Painted, at: number): void {
    const now = countOf(painted)
    if (at - last < CALM && painted.playing && now === counted) return // the sentence never contradicts the count
    counted = now
    put(count, now)
    last = at
    put(text, painted.caption ?? "")
  }

  return {node, frame}
}
