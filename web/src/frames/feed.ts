// The page's end of the stream: asks for a frame, paints it, says so, and tells the page what it has painted.

import type {Figure} from "../bokeh/bokeh.ts"
import {framesOf, type Line, type Painted} from "./channel.ts"
import {address, ask, Connection} from "./connection.ts"
import {keepContract, openContract} from "./contract.ts"
import {FigureTheme, type Palette} from "../figures/figure_theme.ts"
import {at, type Declared} from "../figures/declared.ts"
import {Figures} from "../figures/figures.ts"
import type {Axis} from "../page/messages.ts"
import {decode, type Frame, type Header} from "./frame.ts"
import {Pace, period} from "./pace.ts"
import {type PageState, pageOf} from "../page/page_state.ts"
import type {Component} from "../bokeh/panel.ts"
import {placeServer} from "./server.ts"
import {expectRun, socketOf} from "../bokeh/socket.ts"

interface Properties {
  readonly run: string
  readonly root: string // where the server's paths begin
  readonly ready: boolean // the browser may speak: the server waits for it
  readonly layers: readonly string[] // those that are shown
  readonly studies: readonly string[] // the views of choice whose figures are there
  readonly displayed: readonly string[] // those of them that are shown
  readonly theme: string
  readonly scale: number
  readonly places: number // how many runs there are models for
  readonly count: number // how many are shown
  readonly axis: Axis // what the curves are drawn over
  readonly views: Declared
  readonly palette: Palette
}

const DOTS: Readonly<Record<number, number>> = {2: 0.85, 3: 0.7, 4: 0.6} // by the number of stages: how large dots are

class Feed {
  private readonly model: Component<Properties>["model"]
  private readonly figures: Figures
  private readonly theme: FigureTheme
  private readonly connection: Connection
  private readonly pace = new Pace()
  private line: Line = "open" // of the frames
  private steerable = true // whether Bokeh's line is open, too
  private frame: Frame | null = null // received, and not yet painted
  private header: Header | null = null // of the last painted one, its first run
  private runs: readonly Omit<Painted, "line">[] = [] // what is painted, of each run
  private asked = false // for an animation frame
  private writing = 0 // ms that its data took
  private took = 0 // ms of the main thread for a frame, lately
  private begun = 0 // when the last frame was asked for
  private later: ReturnType<typeof setTimeout> | undefined

  constructor({model, view}: Component<Properties>) {
    this.model = model
    this.figures = new Figures(model.document, view.owner, model.views)
    const page = pageOf(model.document)
    this.figures.zooming = {
      busy: () => page.now.tool,
      changed: () => {
        page.set({zoomed: this.figures.axes.zoomed})
        this.schedule()
      },
    }
    this.theme = new FigureTheme(model.palette)
    if (model.root.startsWith(".")) expectRun(model.document, model.run) // the page is ours: not another site's
    const server = placeServer(model.document, model.root, document.baseURI)
    this.connection = new Connection(address(server, model.run), () => ask(server, model.run), {
      opened: () => { this.connection.say({type: "hello", layers: this.layers()}) },
      received: (message) => { this.receive(message) },
      lost: (line) => { this.tell(line) },
    })
    openContract()
  }

  private acknowledge(): void {
    if (this.header) this.connection.say({type: "ack", id: this.header.id, layers: this.layers()})
  }

  // What the server computes only while somebody shows it.
  private layers(): string[] {
    return [...this.model.layers, ...this.model.displayed]
  }

  /** Both lines have to be open: of a page that shows frames and cannot be steered nothing is well. */
  steered(open: boolean): void {
    this.steerable = open
    if (!open || this.runs.length) this.tell(this.line) // otherwise well only with the first frame
  }

  private tell(of: Line): void {
    this.line = of
    const line = of === "open" && !this.steerable ? "lost" : of
    const runs = this.runs.length ? this.runs : [{sources: {}}]
    for (const [place, one] of runs.entries()) framesOf(this.model.document, this.model.run, place).tell({...one, line})
  }

  connect(): void {
    if (this.model.ready) this.connection.open()
  }

  // The data are set at once: Bokeh prepares them in microtasks, and the next animation frame only paints.
  private receive(message: ArrayBuffer): void {
    const start = performance.now()
    this.frame = decode(message)
    const {timeline} = this.frame[0]!.header
    if (this.header && timeline !== this.header.timeline) pageOf(this.model.document).set({zoomed: false})
    this.figures.write(this.frame)
    this.writing = performance.now() - start
    this.schedule()
  }

  private schedule(): void {
    if (this.asked) return
    this.asked = true
    requestAnimationFrame(() => {
      const start = performance.now()
      this.asked = false
      const left = this.figures.paint()
      if (this.frame) this.painted(this.frame, start)
      clearTimeout(this.later)
      if (left !== null) this.later = setTimeout(() => { this.schedule() }, left)
    })
  }

  private painted(frame: Frame, start: number): void {
    this.frame = null
    const header = frame[0]!.header
    const reading = this.pace.of(header, performance.now(), Date.now())
    this.runs = frame.map((part, place) => {
      const before = this.runs[place]
      const known = before?.timeline === part.header.timeline && !header.series ? before.sources : {}
      const studies = {...(before?.timeline === part.header.timeline ? before.studies : {}), ...part.header.studies}
      return {...part.header, ...reading, sources: {...known, ...part.sources}, studies: this.heads(studies, place)}
    })
    this.figures.hover.painted = this.runs
    this.header = header
    keepContract(header, reading)
    this.tell("open")
    setTimeout(() => { this.askNext(start) }) // after the browser has styled and handed over what was painted
  }

  private heads(known: NonNullable<Painted["studies"]>, place: number): NonNullable<Painted["studies"]> {
    return this.figures.studyColumns.heads(known, (name) => at(name, place))
  }

  // Frames come as fast as this machine can paint them beside everything else.
  private askNext(start: number): void {
    const now = performance.now()
    this.took += 0.2 * (this.writing + now - start - this.took)
    const rest = this.begun + period(this.took) - now
    const ask = () => {
      this.begun = performance.now()
      this.acknowledge()
    }
    if (rest > 1) setTimeout(ask, rest)
    else ask()
  }

  showLayers(): void {
    this.figures.places = this.model.places
    this.figures.studies = this.model.studies
    this.figures.layers(this.model.layers)
    this.acknowledge()
  }

  /** The sliders of the views of choice, or what is dragged in them, stand elsewhere. */
  slide({slides, drags}: Pick<PageState, "slides" | "drags">): void {
    this.figures.studyColumns.slide(slides, drags)
    this.figures.writeStudyColumns()
    this.runs = this.runs.map((one, place) => ({...one, studies: this.heads(one.studies ?? {}, place)}))
    this.tell(this.line)
    this.schedule()
  }

  /** The curves over steps, or over the gradients that these took. */
  showAlong(): void {
    if (this.figures.along === this.model.axis) return
    this.figures.along = this.figures.hover.along = this.model.axis
    this.figures.axes.whole() // a span of steps is none of gradients
    pageOf(this.model.document).set({zoomed: false})
    // What is known of every run but the views of choice, which keep what they have.
    const painted = this.runs.map(({sources, ...header}) => ({sources, header: {...header, series: true, studies: {}} as Header}))
    for (const frame of [painted, this.frame ?? []]) if (frame.length) this.figures.write(frame)
    this.schedule()
  }

  /** Every figure as a whole again. */
  showWhole(): void {
    if (!this.figures.axes.zoomed) return
    this.figures.axes.whole()
    this.schedule()
  }

  applyTheme(): void {
    const {large} = pageOf(this.model.document).now
    const stages = this.figures.stages(), small = large === null ? [] : stages.filter((_, place) => place !== large)
    const dots = (figure: Figure) => (stages.includes(figure) ? DOTS[this.model.count] ?? 1 : 1)
    this.theme.apply(this.figures.all(), this.model.theme, this.model.scale, new Set(small), dots)
  }

  close(): void {
    this.figures.hover.remove()
    this.connection.close()
  }
}

export function render(component: Component<Properties>): HTMLElement {
  const {model} = component
  const feed = new Feed(component)
  model.on("ready", () => { feed.connect() })
  model.on("layers", () => { feed.showLayers() })
  model.on(["theme", "scale"], () => { feed.applyTheme() })
  model.on("displayed", () => { feed.showLayers() })
  model.on("axis", () => { feed.showAlong() })
  model.on(["places", "count", "studies"], () => { // there are new models, or what one run wears again
    feed.showLayers()
    feed.applyTheme()
  })
  const page = pageOf(model.document)
  let {large, slides, drags} = page.now
  const stop = page.listen((now) => {
    if (!now.zoomed) feed.showWhole()
    if (now.slides !== slides || now.drags !== drags) {
      ({slides, drags} = now)
      feed.slide(now)
    }
    if (now.large === large) return
    large = now.large
    feed.applyTheme()
  })
  const deaf = socketOf(model.document).listen((open) => { feed.steered(open) })
  model.on("remove", () => {
    stop()
    deaf()
    feed.close()
  })
  feed.showLayers()
  feed.showAlong()
  feed.applyTheme()
  feed.connect()
  return document.createElement("div")
}
