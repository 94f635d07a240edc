// A view of choice beside the stage: its title, the step that it shows, its numbers, a figure for every run.

import {face} from "../time/buttons.ts"
import {letter} from "../compare/letter.ts"
import {framesOf, lastPainted, type Painted} from "../frames/channel.ts"
import {el, icon, on, put} from "../page/dom.ts"
import {at} from "../figures/declared.ts"
import {reading} from "../figures/hover.ts"
import type {StudyHead} from "../frames/schema.ts"
import type {FromStudy} from "../page/messages.ts"
import {thousands} from "../page/numbers.ts"
import {children, type Component} from "../bokeh/panel.ts"
import type {LegendEntry} from "../share/picture.ts"
import {makeViewMenu} from "../figures/view_menu.ts"
import {type DeclaredChoice, makeChoices} from "./choice_bar.ts"
import {makeSlide} from "./slide_bar.ts"
import type {DeclaredSlide} from "./slides.ts"

const CROSS = "M4 4l8 8M12 4l-8 8"
const PLACES = 4

/** A number that stands above the figure. */
export interface NumberLabel {
  readonly name: string
  readonly label: string
  readonly percent: boolean
}

interface Properties {
  readonly run: string
  readonly study: string
  readonly title: string
  readonly reading: string
  readonly cost: string
  readonly alone: boolean // nothing else is shown
  readonly key: string
  readonly legend: readonly LegendEntry[]
  readonly numbers: readonly NumberLabel[]
  readonly slide: DeclaredSlide | null
  readonly choices: readonly DeclaredChoice[]
  readonly count: number
}

const percent = (value: number): string => `${(100 * value).toFixed(value > 0 && value < 0.1 ? 1 : 0)} %`

/** The entries of a legend of which there is something to see. */
export const seen = (legend: readonly LegendEntry[], head: StudyHead | undefined): LegendEntry[] =>
  legend.filter(({needs}) => !needs || !head || (head.numbers[needs] ?? null) !== null)

/** The numbers of a view as [label, value]; those that there are not are left out. */
export function readings(numbers: readonly NumberLabel[], head: StudyHead | undefined): [label: string, value: string][] {
  return numbers.flatMap(({name, label, percent: share}): [string, string][] => {
    const value = head?.numbers[name]
    if (value === undefined || value === null || value === "") return []
    return [[label, typeof value === "string" ? value : share ? percent(value) : reading(value)]]
  })
}

export function render({model, view}: Component<Properties, FromStudy>): HTMLElement {
  const {study} = model, parts = children(model, "figures")
  const close = on(el("button.close", {type: "button"}, icon(CROSS)), "click", () => { model.send_msg({type: "close-view"}) })
  face(close, `take away: ${model.title}`)
  close.hidden = model.alone
  const words = el("div.reading", {popover: "auto", role: "note"}, el("p", {}, model.reading),
    el("p.cost", {}, `Its cost: ${model.cost}.`))
  const help = el("button.help", {type: "button"}, "?")
  face(help, `how to read: ${model.title}`)
  help.popoverTargetElement = words
  const key = el("div.key")
  key.innerHTML = model.key
  const step = el("span.step")
  on(words, "toggle", () => {
    const {right, bottom} = help.getBoundingClientRect()
    words.style.left = `${Math.max(8, Math.min(right - words.offsetWidth, innerWidth - words.offsetWidth - 8))}px`
    words.style.top = `${Math.min(bottom + 4, innerHeight - words.offsetHeight - 8)}px`
  })

  const menu = (place: number) => makeViewMenu(model.document, view.owner, {
    name: place ? `${study}-${letter(place)}` : study, title: model.title, model: at(`view-${study}`, place), more: [],
    runs: () => [lastPainted(model.document, model.run, place)()],
    legend: () => ({legend: seen(model.legend, heads[place]), scale: null}),
  })
  const cells = parts.map((part, place) => {
    const name = el("b", {}, letter(place)), numbers = el("dl.numbers"), problem = el("p.problem", {}, "it is being computed")
    const plot = el("div.plot", {"data-empty": "on"}, part, menu(place))
    return {node: el("div.cell", {}, el("div.said", {}, name, numbers), plot, problem), name, numbers, problem, plot}
  })
  const heads: (StudyHead | undefined)[] = []
  const entries = [...key.querySelectorAll<HTMLElement>(".entry")]

  function show(place: number, {studies}: Painted): void {
    const head = studies?.[study], cell = cells[place]!
    if (head === heads[place]) return
    heads[place] = head
    const written = readings(model.numbers, head)
    if (cell.numbers.children.length !== written.length) { // a label and its value stay on one line
      cell.numbers.replaceChildren(...written.map(() => el("div", {}, el("dt"), el("dd"))))
    }
    for (const [i, [label, value]] of written.entries()) {
      put(cell.numbers.children[i]!.firstElementChild!, label)
      put(cell.numbers.children[i]!.lastElementChild!, value)
    }
    put(cell.problem, head?.problem ?? "")
    cell.plot.dataset.empty = head?.problem ? "on" : ""
    const some = new Set(heads.flatMap((one) => seen(model.legend, one)))
    for (const [i, entry] of model.legend.entries()) entries[i]!.hidden = !some.has(entry)
    put(step, heads[0] ? `step ${thousands(heads[0].step)}` : "")
  }
  function arrange(): void {
    for (const [place, {node, name}] of cells.entries()) {
      node.hidden = place >= model.count
      name.hidden = model.count < 2
    }
  }
  const stops = Array.from({length: PLACES}, (_, place) =>
    framesOf(model.document, model.run, place).listen((painted) => { show(place, painted) }))
  const choices = makeChoices(study, (chosen) => { model.send_msg({type: "adjust-view", chosen}) })
  const offer = () => { choices.show(model.choices) }
  model.on("count", arrange)
  model.on("choices", offer)
  model.on("remove", () => { for (const stop of stops) stop() })
  arrange()
  offer()
  return el("section.study", {"aria-label": model.title, "data-study": study},
    el("div.head", {}, el("h2", {}, model.title), step, help, close), words,
    el("p.how", {}, model.reading), key, model.slide && makeSlide(model.document, study, model.slide), choices.node,
    el("div.cells", {}, cells.map(({node}) => node)))
}
