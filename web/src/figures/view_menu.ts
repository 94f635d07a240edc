// The small menu of a view: its picture, and its numbers. It appears where one points or goes by keyboard.

import type {BokehDocument, Figure, ViewManager} from "../bokeh/bokeh.ts"
import {el, icon, on} from "../page/dom.ts"
import {exportsOf} from "../share/exports.ts"
import type {Painted} from "../frames/channel.ts"
import {type LegendEntry, lineOf, pngBlob, svgBlob, svgOf} from "../share/picture.ts"
import {save} from "../share/save.ts"
import type {Scale} from "../share/svg_frame.ts"

const TAKE = "M8 2.5v7M5 6.8l3 3 3-3M2.5 10.5v3h11v-3"

/** What a menu is for. */
export interface MenuSubject {
  readonly name: string // of the view
  readonly title: string
  readonly model: string // the name of the figure's model
  readonly runs: () => readonly Painted[] // whose figure it is, as last painted
  readonly legend: (figure: Figure, runs: readonly Painted[]) => {legend: readonly LegendEntry[], scale: Scale | null}
  readonly more: readonly (readonly [kind: string, words: string])[] // what the server makes
}

export function makeViewMenu(bokeh: BokehDocument, owner: ViewManager, subject: MenuSubject): HTMLElement {
  const exports = exportsOf(bokeh)
  const words = `save ${subject.title}`
  const menu = el("div.menu", {popover: "auto", role: "group", "aria-label": words})
  const button = el("button", {type: "button", "aria-label": words, title: words}, icon(TAKE))
  button.popoverTargetElement = menu

  async function picture(kind: "png" | "svg"): Promise<void> {
    const figure = bokeh.get_model_by_name(subject.model) as Figure | null
    const view = figure && owner.find_one(figure), runs = subject.runs()
    if (!view) return
    const {legend, scale} = subject.legend(figure, runs)
    const svg = await svgOf(view, legend, scale, lineOf(runs, exports.changed))
    const [first] = runs
    const name = `gandyn-${first?.preset ?? "session"}-${first?.step ?? 0}-${subject.name}.${kind}`
    save(name, kind === "svg" ? svgBlob(svg) : await pngBlob(svg))
  }
  const item = (label: string, act: () => void) => on(el("button", {type: "button"}, label), "click", () => {
    menu.hidePopover()
    act()
  })
  const draw = (kind: "png" | "svg") => () => {
    picture(kind).catch((error: unknown) => {
      exports.news.tell({type: "export-failed", name: subject.name, error: `the picture could not be made: ${String(error)}`})
    })
  }
  menu.append(
    item("picture (PNG)", draw("png")), item("drawing (SVG)", draw("svg")),
    ...subject.more.map(([kind, label]) => item(label, () => { exports.ask(kind) })))
  on(menu, "toggle", () => {
    if (!menu.matches(":popover-open")) return
    const {left, bottom} = button.getBoundingClientRect()
    menu.style.left = `${Math.max(8, Math.min(left, innerWidth - menu.offsetWidth - 8))}px`
    menu.style.top = `${Math.min(bottom + 4, innerHeight - menu.offsetHeight - 8)}px`
  })
  return el("div.take", {}, button, menu)
}

/** What the server makes of the numbers along the steps. */
export const SERIES = [["csv", "numbers (CSV)"], ["parquet", "numbers (Parquet)"]] as const

/** What it makes of a stage over its past. */
export const PAST = [["webp", "movie of the past (WebP)"], ["html", "report that plays back (HTML)"]] as const
