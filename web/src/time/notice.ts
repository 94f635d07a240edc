// One line that something happened, with the way on. It covers nothing, and stays until it is dismissed or mended.

import {el, icon, on} from "../page/dom.ts"
import type {Notice} from "../frames/frame.ts"

export type Way = NonNullable<Notice["action"]>

const ACTIONS: Readonly<Record<Way, string>> = {
  rewind: "Rewind to the last finite state", reset: "Reset", undo: "Back to before the last change", default: "Open the default",
}

export interface NoticeLine {
  readonly node: HTMLElement
  /** Another notice opens the line, the same one does not come back once dismissed. */
  show(notice: Notice | null): void
  /** What comes with frames also goes with them. */
  frame(notice: Notice | null | undefined): void
}

/** `act(action)` is called when the way on is taken. */
export function makeNotice(act: (action: Way) => void): NoticeLine {
  const text = el("span"), button = el("button.action", {type: "button"})
  const cross = icon("M4 4l8 8M12 4l-8 8")
  const close = el("button.close", {type: "button", title: "dismiss", "aria-label": "dismiss"}, cross)
  const node = el("div.notice", {role: "alert", hidden: true}, text, button, close)
  let current = "", framed = false, way: Way | null = null
  on(close, "click", () => { node.hidden = true })
  on(button, "click", () => {
    node.hidden = true
    if (way) act(way)
  })

  function show(notice: Notice | null): void {
    const key = notice ? JSON.stringify(notice) : ""
    if (key === current) return
    current = key
    node.hidden = !notice
    if (!notice) return
    way = notice.action ?? null
    node.dataset.kind = notice.kind ?? "error"
    text.textContent = notice.text
    button.hidden = !way
    button.textContent = way ? ACTIONS[way] : ""
  }

  function frame(notice: Notice | null | undefined): void {
    if (notice || framed) show(notice ?? null)
    framed = !!notice
  }

  return {node, show, frame}
}
