// The stages of the runs that are compared, side by side, each under a heading; of a single run the stage alone.

import {face, iconButton} from "../time/buttons.ts"
import {letter} from "./letter.ts"
import {framesOf, lastPainted, type Painted} from "../frames/channel.ts"
import {byPointer, el, on, put} from "../page/dom.ts"
import {at} from "../figures/declared.ts"
import type {FromStages} from "../messages.ts"
import {countOf} from "../page/now.ts"
import {pageOf} from "../page/page_state.ts"
import {children, type Component} from "../bokeh/panel.ts"
import {stageLegend} from "../share/picture.ts"
import {makeViewMenu, PAST} from "../figures/view_menu.ts"

const SVG = "http://www.w3.org/2000/svg"
const DASH: Readonly<Record<string, string>> = {solid: "none"}

interface Properties {
  readonly run: string
  readonly count: number
  readonly steered: number | null // null: all
  readonly dashes: readonly string[]
}

/** A piece of a run's curve, in its colour and dash. */
export function swatch(place: number, dash: string): SVGSVGElement {
  const svg = document.createElementNS(SVG, "svg"), line = document.createElementNS(SVG, "path")
  svg.setAttribute("viewBox", "0 0 24 8")
  svg.setAttribute("class", "swatch")
  svg.setAttribute("aria-hidden", "true")
  line.setAttribute("d", "M0 4H24")
  line.setAttribute("style", `stroke: var(--gandyn-run${place + 1}); stroke-dasharray: ${DASH[dash] ?? dash}`)
  svg.append(line)
  return svg
}

/** What a heading says of its run. */
export function words({differs, preset, notice}: Painted): string {
  return notice?.kind === "nan" ? "stopped" : differs || `the same: ${preset ?? ""}`
}

export function render({model, view}: Component<Properties, FromStages>): HTMLElement {
  const parts = children(model, "stages"), page = pageOf(model.document)
  const menu = (place: number) => makeViewMenu(model.document, view.owner, {
    name: place ? `stage-${letter(place)}` : "stage", title: "the stage", model: at("view-stage", place), more: PAST,
    runs: () => [lastPainted(model.document, model.run, place)()],
    legend: (figure, [painted]) => stageLegend(figure, painted!),
  })
  const cells = parts.map((part, place) => {
    const text = el("span.differs"), count = el("strong.count")
    const choose = on(el("button.choose", {type: "button"},
      swatch(place, model.dashes[place] ?? "solid"), el("b", {}, letter(place))), "click", (event) => {
      model.send_msg({type: "steer", run: place})
      if (byPointer(event)) choose.blur()
    })
    const close = on(el("button.close", {type: "button", title: `take ${letter(place)} out of the comparison`,
      "aria-label": `take ${letter(place)} out of the comparison`}, "×"), "click", () => {
      model.send_msg({type: "dismiss", run: place})
    })
    const enlarge = iconButton("larger", "", () => { page.set({large: page.now.large === place ? null : place}) })
    const caption = el("p.caption")
    const node = el("section.cell", {"aria-label": `run ${letter(place)}`},
      el("div.head", {}, choose, text, count, enlarge, close), el("div.plot", {}, part, menu(place)), caption)
    return {node, text, count, choose, enlarge, caption}
  })
  const root = el("div.stages", {}, cells.map(({node}) => node))

  function arrange(): void {
    if (page.now.large !== null && (model.count < 2 || page.now.large >= model.count)) page.set({large: null})
    const {large} = page.now
    root.dataset.count = String(model.count)
    root.dataset.large = large === null ? "" : "on"
    for (const [place, {node, choose, enlarge}] of cells.entries()) {
      node.hidden = place >= model.count
      node.dataset.large = place === large ? "on" : ""
      face(enlarge, place === large ? "all of the same size" : `make the stage of ${letter(place)} large, the others small`)
      enlarge.setAttribute("aria-pressed", String(place === large))
      const steered = model.steered === null || model.steered === place
      choose.setAttribute("aria-pressed", String(steered))
      choose.title = steered ? "the controls are for this run" : "let the controls be for this run"
    }
  }
  function show(place: number, painted: Painted): void {
    const cell = cells[place]
    if (!cell || model.count < 2) return
    put(cell.text, words(painted))
    cell.text.title = words(painted) // as a whole
    put(cell.count, countOf(painted))
    put(cell.caption, painted.notice?.kind === "nan" ? painted.notice.text : painted.caption ?? "")
  }
  const stops = cells.map((_, place) =>
    framesOf(model.document, model.run, place).listen((painted) => { show(place, painted) }))
  model.on(["count", "steered"], arrange)
  stops.push(page.listen(arrange))
  model.on("remove", () => { for (const stop of stops) stop() })
  arrange()
  return root
}
