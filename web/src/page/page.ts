// The frame of the page: where the parts stand, the layers of the stage, and the words on what there is to see.

import type {Model} from "../bokeh/bokeh.ts"
import {framesOf, lastPainted} from "../frames/channel.ts"
import {byPointer, el, icon, on} from "./dom.ts"
import {makeNote, type Words} from "./note.ts"
import {makeNow} from "./now.ts"
import type {Axis, FromPage} from "./messages.ts"
import {pageOf} from "./page_state.ts"
import {children, type Component} from "../bokeh/panel.ts"
import {type LegendEntry, legendOf} from "../share/picture.ts"
import {makeAxisButton} from "../figures/axis_button.ts"
import {makeViewMenu, SERIES} from "../figures/view_menu.ts"
import {makeStudyMenu, type Offered} from "../studies/study_menu.ts"

/** A layer of the stage, as its view declares it. */
interface Layer {
  readonly name: string
  readonly summary: string
  readonly icon: string // `d` of a path
  readonly filled: boolean
}

/** A view beside the stage, as it declares itself; `several`: its legend where several runs are drawn. */
interface View {
  readonly name: string
  readonly summary: string
  readonly key: readonly LegendEntry[]
  readonly several: readonly LegendEntry[]
  readonly steps: boolean // whether it is drawn along the steps
}

interface Properties {
  readonly run: string
  readonly classroom: boolean
  readonly watching: boolean // the page only looks on
  readonly feed: Model & {readonly data: Model}
  readonly beside: readonly View[]
  readonly axis: Axis // what the curves are drawn over
  readonly dashes: readonly string[]
  readonly absent: readonly string[]
  readonly words: Words
  readonly layers: readonly Layer[]
  readonly lanes: number
  readonly count: number // runs that are compared
  readonly offered: readonly Offered[]
  readonly displayed: readonly string[] // views of choice
  readonly alone: boolean // nothing else is shown
  readonly pictures: string // the layer of the small pictures of many GANs, asked for in any case: the first frame has it
}

const STEERING = "header, .column, .stage, .many, .time" // parts with what the server is asked for
const ENLARGED = 1.4 // for a projector
const NARROW = "(max-width: 1159px)" // no room for the controls beside the rest
const SIZES = ["--gandyn-small", "--gandyn-body", "--gandyn-large"]

// Type has its sizes from the palette, lengths are in rem: both grow, and all that is made of them.
function enlarge(scale: number): void {
  const {style} = document.documentElement
  style.fontSize = ""
  const plain = getComputedStyle(document.documentElement)
  style.fontSize = `${parseFloat(plain.fontSize) * scale}px`
  for (const name of SIZES) {
    style.removeProperty(name)
    style.setProperty(name, `${parseFloat(plain.getPropertyValue(name)) * scale}px`)
  }
}

export function render({model, view}: Component<Properties, FromPage>): HTMLElement {
  const state = pageOf(model.document)

  const chips = model.layers.map(({name, summary, icon: d, filled}) => {
    const input = on(el("input", {type: "checkbox", name: `layer-${name}`, checked: true}), "change", showLayers)
    on(input, "click", (event) => { if (byPointer(event)) input.blur() })
    return {name, input, node: el(`label.chip.${name}`, {title: summary}, input, icon(d, filled), name)}
  })
  function showLayers(): void {
    const visible = chips.filter(({input}) => input.checked).map(({name}) => name)
    tellFeed({layers: model.alone ? [] : [...visible, model.pictures]})
  }
  // The feed draws: layers, theme and scale are properties of its own model.
  function tellFeed(properties: Readonly<Record<string, unknown>>): void {
    model.feed.data.setv(properties)
  }

  const whole = on(el("button.whole", {type: "button", title: "every figure as a whole again (Esc, or a double click)"},
    "show all"), "click", () => { state.set({zoomed: false}) })
  const views = makeStudyMenu((names) => { model.send_msg({type: "show-views", names: [...names]}) })
  const own = el("div", {style: "min-width: 0"}, model.get_child("own"))
  const parts = children(model, "series")
  const painted = [0, 1, 2, 3].map((place) => lastPainted(model.document, model.run, place))
  const menu = ({name, summary, key, several}: View) => makeViewMenu(model.document, view.owner, {
    name, title: summary, model: `view-${name}`, more: SERIES,
    runs: () => painted.slice(0, model.count).map((last) => last()),
    legend: (_figure, runs) => ({legend: legendOf(key, several, runs, model.dashes), scale: null}),
  })
  const series = model.beside.map((one, i) => {
    const along = one.steps ? makeAxisButton((axis) => { model.send_msg({type: "show-axis", axis}) }) : null
    const node = el("section.view", {"data-view": one.name, "aria-label": one.summary}, parts[i], menu(one), along?.node)
    return {name: one.name, along, node}
  })
  const turn = () => { for (const {along} of series) along?.show(model.axis) }
  function present(): void {
    for (const {name, node} of series) node.hidden = model.absent.includes(name)
    page.dataset.many = model.lanes > 1 ? "on" : ""
    page.dataset.runs = String(model.count)
    showLayers()
    measure()
  }

  const note = makeNote(), now = makeNow((name) => {
    if (!model.displayed.includes(name)) model.send_msg({type: "show-views", names: [...model.displayed, name]})
  }, (name) => model.offered.some((one) => one.name === name && one.unfit === ""))
  const header = el("header", {}, model.classroom ? model.get_child("above") : null, model.get_child("bar"))
  const time = el("section.time", {"aria-label": "the past"}, model.get_child("time"))
  const page = el("div.lab", {},
    el("section.chips", {"aria-label": "layers"}, chips.map(({node}) => node), views.node, own), // first, so that few tabs lead there
    header,
    el("aside.column", {"aria-label": "controls"}, model.get_child("controls")),
    el("main.stage", {"aria-label": "the stage: data space"}, model.get_child("stages"), whole),
    el("section.many", {"aria-label": "all GANs"}, model.get_child("many")),
    time,
    el("section.words", {"aria-label": "what there is to see"}, now.node, note.node),
    el("section.studies", {"aria-label": "views of choice"}, model.get_child("views")),
    el("div.series", {}, series.map(({node}) => node)),
    el("div.feed", {}, model.get_child("feed")))
  page.dataset.alone = model.alone ? "on" : ""
  own.hidden = model.watching
  function offer(): void {
    views.show(model.offered, model.displayed)
    page.dataset.views = String(model.displayed.length)
    measure()
  }
  const measure = () => { note.measure(page) }
  const say = () => {
    note.say(model.words)
    measure()
  }

  const narrow = matchMedia(NARROW)
  function follow(): void {
    const {projector, drawer, theme, tool, zoomed, steerable} = state.now
    // While the line is lost nothing can be asked for: Bokeh would drop it without a word.
    for (const part of page.querySelectorAll<HTMLElement>(STEERING)) {
      part.inert = !steerable || (model.watching && part.matches(".time, .many"))
    }
    for (const node of [own, views.node, ...series.flatMap(({along}) => along?.node ?? [])]) node.inert = !steerable
    page.dataset.lost = steerable ? "" : "on"
    whole.hidden = !zoomed
    for (const {node} of [...chips, views]) node.hidden = tool // which takes their place
    own.style.flex = tool ? "1 1 100%" : "none"
    const folds = projector || narrow.matches
    state.set({folds})
    enlarge(projector ? ENLARGED : 1)
    page.dataset.folds = folds ? "on" : ""
    page.dataset.projector = projector ? "on" : ""
    page.dataset.drawer = drawer ? "open" : ""
    tellFeed({theme, scale: projector ? ENLARGED : 1})
  }
  on(page, "pointerdown", (event) => {
    const inside = event.composedPath().some((node) => node instanceof Element && node.matches(".column, header"))
    if (!inside) state.set({drawer: false})
  })

  // Not one of the keys of the page: the browser closes what lies over it by Escape, and shall.
  const escape = ({key}: KeyboardEvent) => {
    if (key === "Escape" && !document.querySelector(":popover-open, dialog[open]")) state.set({zoomed: false})
  }
  document.addEventListener("keydown", escape)
  const watchNote = new ResizeObserver(measure)
  for (const node of [note.node, time]) watchNote.observe(node)
  // The bar wraps in narrow windows; the height of the stage is what the bar leaves.
  const watchHeader = new ResizeObserver(() => {
    page.style.setProperty("--top", `${header.offsetHeight}px`)
    measure()
  })
  watchHeader.observe(header)
  narrow.addEventListener("change", follow)
  const stop = state.listen(follow)
  model.on("remove", () => {
    narrow.removeEventListener("change", follow)
    watchNote.disconnect()
    watchHeader.disconnect()
    document.removeEventListener("keydown", escape)
    stop()
    stopFrames()
  })
  const stopFrames = framesOf(model.document, model.run).listen((painted) => { now.frame(painted, performance.now()) })
  model.on("words", say)
  model.on("axis", turn)
  model.on(["offered", "displayed"], offer)
  model.on(["absent", "lanes", "count"], present)
  document.documentElement.dataset.gandynOpen = "" // what opening.css has painted is there now
  follow()
  say()
  offer()
  turn()
  present()
  return page
}
