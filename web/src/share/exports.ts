// Files that the server makes of the runs: asked for from anywhere on the page, one at a time, with progress.

import type {BokehDocument} from "../bokeh/bokeh.ts"
import {Channel} from "../frames/channel.ts"
import {el, icon, on, put} from "../page/dom.ts"

/** How far a file is: `of` parts, or its `key` when it is there, or why there is none. */
export interface Export {
  readonly name: string
  readonly done?: number
  readonly of?: number
  readonly key?: string
  readonly error?: string
}

/** The way from the parts of a page to its server, and back. */
export class Exports {
  readonly news = new Channel<Export>()
  changed = "" // in what the run differs from its preset, in words
  send: (message: Readonly<Record<string, unknown>>) => void = () => {}

  ask(kind: string): void {
    this.news.tell({name: kind, done: 0, of: 0})
    this.send({export: kind})
  }
}

const all = new WeakMap<BokehDocument, Exports>()

/** The exports of the page that shows a document. */
export function exportsOf(bokeh: BokehDocument): Exports {
  const known = all.get(bokeh) ?? new Exports()
  all.set(bokeh, known)
  return known
}

/** Where a file is fetched, seen from a page. */
export const address = (page: {pathname: string}, key: string): string =>
  `${page.pathname.replace(/[^/]*$/, "")}gandyn/download?key=${encodeURIComponent(key)}`

/** What is said of an export. */
export function words({name, done = 0, of = 0, key, error}: Export): string {
  if (error !== undefined) return error
  if (key !== undefined) return `${name} is saved`
  return of ? `${name}: ${done} of ${of}` : `${name} …`
}

const SHOWN = 4000 // ms that the last line of an export stays

/** A line with a bar while a file is made; the file is saved when it is there. */
export function makeProgress(exports: Exports): {node: HTMLElement, stop: () => void} {
  const text = el("span", {role: "status"}), bar = el("progress", {"aria-label": "how far the file is"})
  const cancel = el("button.cancel", {type: "button"}, "cancel")
  const close = el("button.close", {type: "button", "aria-label": "dismiss", title: "dismiss"}, icon("M4 4l8 8M12 4l-8 8"))
  const node = el("div.exporting", {popover: "manual"}, text, bar, cancel, close)
  let timer: ReturnType<typeof setTimeout> | undefined
  let wanted = false
  const hide = () => { if (node.matches(":popover-open")) node.hidePopover() }

  function show(news: Export): void {
    const ends = news.key !== undefined || news.error !== undefined
    if (ends && !wanted) return // cancelled while it was on its way
    wanted = !ends
    clearTimeout(timer)
    put(text, words(news))
    node.dataset.kind = news.error === undefined ? "" : "error"
    bar.hidden = cancel.hidden = ends
    close.hidden = news.error === undefined
    if (news.of) Object.assign(bar, {max: news.of, value: news.done})
    else bar.removeAttribute("value")
    if (node.isConnected && !node.matches(":popover-open")) node.showPopover()
    if (news.key !== undefined) {
      el("a", {href: address(location, news.key), download: news.name}).click()
      timer = setTimeout(hide, SHOWN)
    }
  }
  on(cancel, "click", () => {
    wanted = false
    exports.send({command: "leave-off"})
    hide()
  })
  on(close, "click", hide)
  const stop = exports.news.listen((news) => { if (wanted || news.done === 0 || news.error !== undefined) show(news) })
  return {node, stop}
}
