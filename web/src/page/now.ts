// What is happening now, as the last painted frame measures it: how many modes are covered, and one sentence.

import type {Painted} from "../frames/channel.ts"
import {el, put} from "./dom.ts"

const CALM = 2000 // ms between two sentences that a screen reader says

export interface Now {
  readonly node: HTMLElement
  frame(painted: Painted, at: number): void
}

/** `5 of 8 modes`; nothing where the target has none. */
export function countOf({measures, axes}: Pick<Painted, "measures" | "axes">): string {
  const covered = measures?.covered, count = axes?.modes?.[1]
  return covered == null || count === undefined ? "" : `${covered} of ${count} modes`
}

/** The caption; where the notice right below says it as a whole, its first word. */
export function shortened({caption = "", notice}: Pick<Painted, "caption" | "notice">): string {
  const [word] = caption.split(":")
  return caption && notice?.text.startsWith(caption) && word !== caption ? `${word}.` : caption
}

export function makeNow(): Now {
  const count = el("strong"), text = el("span"), said = el("span.said", {"aria-live": "polite"})
  const node = el("p.now", {"aria-label": "what is happening now"}, el("span", {"aria-hidden": "true"}, count, " ", text), said)
  let last = -Infinity

  function frame(painted: Painted, at: number): void {
    const now = countOf(painted), caption = shortened(painted)
    put(count, now)
    put(text, caption)
    if (at - last < CALM && painted.playing) return
    last = at
    put(said, now ? `${now}. ${caption}` : caption)
  }

  return {node, frame}
}
