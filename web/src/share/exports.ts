// Files that the server makes of the runs: asked for from anywhere on the page, one at a time, with progress.

import type {BokehDocument} from "../bokeh/bokeh.ts"
import type {CancelExport, Export, OfExport} from "../messages.ts"
import {Channel} from "../frames/channel.ts"
import {route, serverOf} from "../frames/server.ts"
import {el, icon, on, put} from "../page/dom.ts"

/** The way from the parts of a page to its server, and back. */
export class Exports {
  readonly news = new Channel<OfExport>()
  changed = "" // in what the run differs from its preset, in words
  send: (message: CancelExport | Export) => void = () => {}
  server = (): string => "" // where its paths begin

  ask(kind: string): void {
    this.news.tell({type: "export-progress", name: kind, done: 0, of: 0})
    this.send({type: "export", kind})
  }
}

const all = new WeakMap<BokehDocument, Exports>()

/** The exports of the page that shows a document. */
export function exportsOf(bokeh: BokehDocument): Exports {
  const known = all.get(bokeh) ?? new Exports()
  known.server = () => serverOf(bokeh)
  all.set(bokeh, known)
  return known
}

/** What is said of an export. */
export function words(news: OfExport): string {
  if (news.type === "export-failed") return news.error
  if (news.type === "export-ready") return `${news.name} is saved`
  return news.of ? `${news.name}: ${news.done} of ${news.of}` : `${news.name} …`
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

  function show(news: OfExport): void {
    const ends = news.type !== "export-progress", failed = news.type === "export-failed"
    if (ends && !wanted) return // cancelled while it was on its way
    wanted = !ends
    clearTimeout(timer)
    put(text, words(news))
    node.dataset.kind = failed ? "error" : ""
    bar.hidden = cancel.hidden = ends
    close.hidden = !failed
    if (!ends && news.of) Object.assign(bar, {max: news.of, value: news.done})
    else bar.removeAttribute("value")
    if (node.isConnected && !node.matches(":popover-open")) node.showPopover()
    if (news.type === "export-ready") {
      el("a", {href: route(exports.server(), "download", {key: news.key}), download: news.name}).click()
      timer = setTimeout(hide, SHOWN)
    }
  }
  on(cancel, "click", () => {
    wanted = false
    exports.send({type: "cancel-export"})
    hide()
  })
  on(close, "click", hide)
  const begins = (news: OfExport) => news.type === "export-failed" || (news.type === "export-progress" && news.done === 0)
  const stop = exports.news.listen((news) => { if (wanted || begins(news)) show(news) })
  return {node, stop}
}
