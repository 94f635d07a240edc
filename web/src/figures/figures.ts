// Frames into the page's Bokeh models. Only what changed is written, and a figure paints once for all of it.

import {
  type BokehDocument, type ColourMapper, type Figure, type FigureView, type Model, type Range, type Source,
  tagged, type ViewManager,
} from "../bokeh/bokeh.ts"
import {holdFontSize, holdMargins, imageLike} from "../bokeh/bokeh_private.ts"
import {useFastGlyphs} from "../bokeh/fast_glyphs.ts"
import {type Columns, type Frame, type Header, type Mark, type Part, same, together} from "../frames/frame.ts"
import {Axes} from "./axes.ts"
import {nameBelow, watchAxes} from "./axis_names.ts"
import {at, type Declared} from "./declared.ts"
import {Hover} from "./hover.ts"
import {labelColumns, placeLabels} from "./labels.ts"
import {Schedule} from "../frames/schedule.ts"
import {type Drawing, roomOf, wide} from "./room.ts"
import {sharesAxes} from "./shares_axis.ts"
import {overGradients} from "./spent.ts"
import type {Axis} from "../page/messages.ts"
import {spikeMarks} from "./spikes.ts"
import {modeNumbers, outsideWords} from "./stage_words.ts"
import {makeGrip} from "../studies/grip.ts"
import {StudyColumns} from "../studies/study_columns.ts"
import {makeZoomable, type Zooming} from "./zoom.ts"

export class Figures {
  private readonly document: BokehDocument
  private readonly owner: ViewManager
  private readonly declared: Declared
  private readonly models = new Map<string, Model>()
  private readonly views = new Map<Figure, FigureView>()
  private readonly written = new Map<string, Columns>()
  private readonly schedule: Schedule<Figure>
  private readonly reach = new Set<Figure>() // of those that wait for their paint, the ones whose axes have changed

  constructor(bokeh: BokehDocument, owner: ViewManager, declared: Declared) {
    this.document = bokeh
    this.owner = owner
    this.declared = declared
    const live = new Set(declared.figures.filter((figure) => figure.live).map((figure) => figure.name))
    this.schedule = new Schedule((figure) => live.has(figure.name?.split("@")[0] ?? ""))
  }

  // Figures are made one after another while the page loads, so a name that is not there yet is asked for again.
  private named(name: string): Model | null {
    const known = this.models.get(name)
    if (known) return known
    const model = this.document.get_model_by_name(name)
    if (model !== null) this.models.set(name, model)
    return model
  }

  private view(figure: Figure): FigureView | null {
    const known = this.views.get(figure)
    if (known && !known.is_destroyed) return known
    const view = this.owner.find_one(figure)
    if (view === null) return null
    useFastGlyphs(view)
    holdFontSize(view)
    holdMargins(view, figure)
    this.views.set(figure, view)
    const name = figure.name?.split("@")[0]
    const {reads = [], apart = false} = this.declared.figures.find((one) => one.name === name) ?? {}
    const study = this.declared.studies.find((one) => `view-${one.name}` === name)
    this.hover.attach(figure, view, reads)
    watchAxes(figure, view, wide)
    if (study?.slide?.grip.some((names) => names.length)) makeGrip(this.document, study.name, figure, view)
    else makeZoomable(figure, view, this.axes, study?.square ?? apart, this.zooming)
    return view
  }

  readonly studyColumns = new StudyColumns()
  readonly hover = new Hover()
  readonly axes = new Axes((name) => this.named(`axis-${name}`) as Range | null, (range) => {
    this.reshape((figure) => figure.x_range === range || figure.y_range === range)
  })

  zooming: Zooming = {busy: () => false, changed: () => {}}

  /** What the curves are drawn over. */
  along: Axis = "steps"
  /** For how many runs there are models. */
  places = 1
  /** The views of choice whose figures there are. */
  studies: readonly string[] = []

  all(): Figure[] {
    const places = Array.from({length: this.places}, (_, place) => place)
    const figures = [...this.declared.figures, ...this.studies.map((name) => ({name: `view-${name}`, apart: true}))]
    const names = figures.flatMap(({name, apart}) => places.slice(0, apart ? undefined : 1).map((place) => at(name, place)))
    return names.map((name) => this.named(name) as Figure | null).filter((figure) => figure !== null)
  }

  /** Those of the runs that are compared. */
  stages(): Figure[] {
    return this.all().filter(({name}) => name?.split("@")[0] === "view-stage")
  }

  // Bokeh would paint a figure anew for each source that changes; paused, it waits for paint().
  private touch(matches: (figure: Figure) => boolean): void {
    for (const figure of this.all()) {
      if (this.schedule.has(figure) || !matches(figure)) continue
      const view = this.view(figure)
      if (view === null) continue
      view.pause()
      this.schedule.add(figure)
    }
  }

  private reshape(matches: (figure: Figure) => boolean): void {
    this.touch(matches)
    for (const figure of this.all().filter(matches)) this.reach.add(figure)
  }

  // Columns that the frame lacks are NaN; without any the source is emptied.
  private fill(name: string, columns: Columns): void {
    const source = this.named(name) as Source | null
    if (source === null) return
    const before = this.written.get(name) ?? {}
    const given = Object.entries(columns)
    const equal = given.every(([column, {values}]) => same(values, before[column]?.values))
    if (given.length === Object.keys(before).length && equal) return
    this.written.set(name, columns)
    const rows = given.find(([, {shape}]) => shape.length === 1)?.[1].values.length ?? 0
    const data: Record<string, unknown> = {}
    for (const [column, former] of Object.entries(source.data)) {
      const {values, shape} = columns[column] ?? {values: new Float32Array(rows).fill(NaN), shape: [rows]}
      data[column] = shape.length === 2 ? [this.image(former, values, shape)] : values
    }
    this.touch((figure) => figure.renderers.some((renderer) => renderer.data_source === source))
    source.setv({data}, {sync: false})
  }

  private firstImage: unknown // a source that was emptied holds none

  private image(former: ArrayLike<unknown>, values: ArrayLike<unknown>, shape: readonly number[]): object {
    this.firstImage ??= former[0]
    return imageLike(this.firstImage, Float32Array.from(values as ArrayLike<number>), shape)
  }

  private colours(name: string, low: number, high: number): void {
    const mapper = this.named(name) as ColourMapper | null
    if (mapper === null || (mapper.low === low && mapper.high === high)) return
    this.touch((figure) => figure.renderers.some((renderer) => renderer.glyph?.color_mapper === mapper))
    mapper.setv({low, high}, {sync: false})
  }

  private marks(marks: readonly Mark[]): void {
    this.fill("marks", {step: {values: Float64Array.from(marks, ([step]) => step), shape: [marks.length]}})
    const labels = this.drawing("mark_labels")
    if (!labels) return
    const {low, high, width, measure} = roomOf(labels)
    this.fill("mark_labels", labelColumns(placeLabels(marks, low, high, width, measure)))
  }

  // What is written on the stage depends on its size, too.
  private stageWords({header: {window, outside = []}, sources: {circles = {}}}: Part, place: number): void {
    const numbers = this.drawing(at("mode_numbers", place))
    if (!numbers) return
    const {figure, glyph} = numbers, size = parseFloat(glyph?.text_font_size?.value ?? "")
    this.fill(at("mode_numbers", place), modeNumbers(circles, window, figure.inner_width, size))
    this.fill(at("outside", place), outsideWords(outside, window, figure.inner_width))
  }

  // The first figure on the page that draws a source, and its glyph, the one with type if any; nothing while it is hidden.
  private drawing(source: string): Drawing | null {
    for (const figure of this.all()) {
      const drawn = figure.renderers.filter((one) => one.data_source?.name === source)
      const glyph = drawn.find((one) => one.glyph?.text_font)?.glyph ?? drawn[0]?.glyph
      if (drawn.length && this.view(figure)?.el.clientWidth) return {figure, glyph}
    }
    return null
  }

  private shares(frame: Frame): void {
    const axes = sharesAxes(frame, (this.named("axis-share") as Range | null)?.end ?? 1)
    for (const [name, [start, end]] of Object.entries(axes)) this.axes.span(name, start, end)
  }

  // Frames bring series only now and then; without them the axes along the steps stay as they are. What a frame should
  // have brought and has not does not exist any more, the modes of the last target for example.
  write(steps: Frame): void {
    const {each, seldom} = this.declared, names = [...each, ...seldom]
    const frame = this.along === "steps" ? steps : steps.map((part) => overGradients(part, names))
    for (const [place, part] of frame.entries()) {
      const {header, sources} = part
      for (const name of each) this.fill(at(name, place), sources[name] ?? {})
      if (header.series) for (const name of seldom) this.fill(at(name, place), sources[name] ?? {})
      if (header.map) this.colours(at("map-critic", place), header.map.low, header.map.high)
      for (const axis of ["x", "y"]) this.axes.span(at(axis, place), -header.window, header.window)
      this.stageWords(part, place)
      this.studyColumns.keep(this.declared.studies, part, (name) => at(name, place))
    }
    this.writeStudyColumns()
    this.shares(frame)
    const {header} = frame[0]!
    if (!header.series) return
    this.nameSteps()
    this.curves({...together(frame), spikes: header.spikes})
  }

  /** What the views of choice show, as their sliders stand. */
  writeStudyColumns(): void {
    this.studyColumns.write((source, columns) => { this.fill(source, columns) }, (axis, low, high) => { this.axes.span(axis, low, high) })
  }

  // What their common axis measures, in the pictures that are saved of them, too.
  private nameSteps(): void {
    const range = this.named("axis-step"), curves = this.all().filter(({x_range}) => x_range === range)
    const named = new Set(nameBelow(curves, this.along === "steps" ? "step" : "gradients"))
    this.reshape((figure) => named.has(figure))
  }

  private curves({axes, marks, spikes}: Pick<Header, "axes" | "marks" | "spikes">): void {
    for (const [name, [start, end]] of Object.entries(axes)) this.axes.span(name, start, end)
    this.marks(marks)
    for (const [axis, beyond] of Object.entries(spikes)) {
      const drawing = this.drawing(`spikes_${axis}`)
      if (drawing) this.fill(`spikes_${axis}`, spikeMarks(beyond, roomOf(drawing)))
    }
  }

  layers(visible: readonly string[]): void {
    for (const renderer of this.all().flatMap((figure) => figure.renderers)) {
      const layer = tagged(renderer, "layer")
      if (layer) renderer.setv({visible: visible.includes(layer)}, {sync: false})
    }
  }

  /** Paints what is due. Returns the ms until the next is due; null if nothing is left to paint. */
  paint(): number | null {
    const now = performance.now()
    for (const figure of this.schedule.take(now)) this.put(figure)
    return this.schedule.rest(performance.now())
  }

  private put(figure: Figure): void {
    const view = this.view(figure)
    if (view === null) return
    view.unpause(true)
    view.invalidate_dataranges = false // none of our ranges follows its data
    // repaint() measures all labels first, to see whether the margins still do; they can only have changed with an axis.
    if (this.reach.delete(figure)) view.repaint()
    else view.paint()
  }
}
