// What is happening now, as the last painted frame measures it: how many modes are covered, and one sentence.

import type {Painted} from "../frames/channel.ts"
import {el, on, put} from "./dom.ts"

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

/** `look(view)` is called when the view shall be shown that shows what is wrong with a player, where the page `offers` it. */
export function makeNow(look: (view: string) => void, offers: (view: string) => boolean): Now {
  const count = el("strong"), text = el("span"), why = el("span"), said = el("span.said", {"aria-live": "polite"})
  let view = ""
  const button = on(el("button.look", {type: "button", hidden: true}, "show"), "click", () => { look(view) })
  const cause = el("span.cause", {}, why, button)
  const node = el("p.now", {"aria-label": "what is happening now"},
    el("span.what", {"aria-hidden": "true"}, count, " ", text), cause, said)
  let last = -Infinity

  function frame(painted: Painted, at: number): void {
    const now = countOf(painted), caption = shortened(painted)
    put(count, now)
    put(text, caption)
    put(why, painted.cause ?? "")
    view = painted.cause_view ?? ""
    button.hidden = !offers(view)
    node.dataset.cause = painted.cause ? "on" : ""
    node.title = painted.cause ? `${caption} ${painted.cause}` : ""
    if (at - last < CALM && painted.playing) return
    last = at
    put(said, now ? `${now}. ${caption}` : caption)
  }

  return {node, frame}
}
