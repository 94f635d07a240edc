// What a probe has found, as the columns and spans of a view's figure. Nothing here knows of Bokeh.

import type {Span} from "../figures/axes.ts"
import type {Columns, NumberColumns, Part} from "../frames/frame.ts"
import type {StudyHead} from "../frames/schema.ts"
import {type DeclaredSlide, slid, type Way} from "./slides.ts"

/** A range of a view, as it declares it (Axis in gandyn/ui/studies). */
export interface DeclaredAxis {
  readonly name: string
  readonly columns: readonly string[]
  readonly low: number | null
  readonly high: number | null
  readonly symmetric: boolean
  readonly window: boolean
}

/** A view of choice, as it declares what its figure draws. */
export interface DeclaredStudy {
  readonly name: string
  readonly sources: Readonly<Record<string, readonly string[]>>
  readonly axes: readonly DeclaredAxis[]
  readonly square: boolean
  readonly slide: DeclaredSlide | null
}

const HEADROOM = 0.05 // of the span of the values
const FILLED = 0.6 // of a span: where the values take less of it, it shrinks

/** Of each source its columns, by the names of the probe's arrays; what is not there is left out. */
export function columnsOf({sources}: DeclaredStudy, columns: NumberColumns): [source: string, columns: Columns][] {
  return Object.entries(sources).map(([source, names]) =>
    [source, Object.fromEntries(names.flatMap((name) => (columns[name] ? [[name, columns[name]]] : [])))])
}

function extent(names: readonly string[], columns: NumberColumns): Span | null {
  let low = Infinity, high = -Infinity
  for (const name of names) {
    for (const value of columns[name]?.values ?? []) {
      if (value < low) low = value
      if (value > high) high = value
    }
  }
  return low <= high && Number.isFinite(low) && Number.isFinite(high) ? [low, high] : null
}

/** The span of an axis after the one `before`; null where there are no values. */
export function spanOf(axis: DeclaredAxis, columns: NumberColumns, before: Span | null, window: number): Span | null {
  if (axis.window) return [-window, window]
  const values = extent(axis.columns, columns)
  if (values === null) return before ?? (axis.low !== null && axis.high !== null ? [axis.low, axis.high] : null)
  let [low, high] = values
  if (axis.symmetric) [low, high] = [-Math.max(-low, high), Math.max(-low, high)]
  low = axis.low ?? low
  high = axis.high ?? high
  if (!(low < high)) [low, high] = [axis.low ?? low - 0.5, axis.high ?? high + 0.5]
  if (before && before[0] <= low && before[1] >= high && high - low > FILLED * (before[1] - before[0])) return before
  const room = HEADROOM * (high - low)
  return [axis.low ?? low - room, axis.high ?? high + room]
}

type Heads = Readonly<Record<string, StudyHead>>

interface Kept {
  readonly study: DeclaredStudy
  readonly columns: NumberColumns
  readonly head: StudyHead
  readonly window: number
  readonly named: (name: string) => string
}

/** The latest columns of every run, by the names of the models that show it, where the sliders of the views stand. */
export class StudyColumns {
  private readonly kept = new Map<string, Kept>() // by the view, named as its models are
  private readonly bySource = new Map<string, Columns>() // by source
  private readonly spans = new Map<string, Span>() // by axis
  private readonly placed = new Map<string, StudyHead>() // by the view, named as its models are
  private slides: Readonly<Record<string, number>> = {}
  private drags: Readonly<Record<string, Way>> = {}

  /** Keeps what is new in a run's part of a frame. `named` makes the name of its model of the name of the first run's. */
  keep(declared: readonly DeclaredStudy[], {header: {studies = {}, window}, sources}: Part, named: (name: string) => string): void {
    for (const study of declared) {
      const head = studies[study.name]
      if (!head) continue
      const one = {study, columns: sources[study.name] ?? {}, head, window, named}
      this.kept.set(named(study.name), one)
      this.place(one)
    }
  }

  /** Where the sliders and grips stand, by the names of their views; those that were not touched as they are declared. */
  slide(slides: Readonly<Record<string, number>>, drags: Readonly<Record<string, Way>> = {}): void {
    const before = this.slides, dragged = this.drags
    this.slides = slides
    this.drags = drags
    for (const one of this.kept.values()) {
      const {name} = one.study
      if (slides[name] !== before[name] || drags[name] !== dragged[name]) this.place(one)
    }
  }

  private place({study, columns, head, window, named}: Kept): void {
    const {slide, name} = study
    const now = slide && !head.problem
      ? slid(slide, columns, head.numbers, this.slides[name] ?? slide.begin, this.drags[name]) : {columns, numbers: head.numbers}
    this.placed.set(named(name), now.numbers === head.numbers ? head : {...head, numbers: now.numbers})
    for (const [source, own] of columnsOf(study, now.columns)) this.bySource.set(named(source), own)
    for (const axis of study.axes) {
      const own = named(axis.name), span = spanOf(axis, now.columns, this.spans.get(own) ?? null, window)
      if (span) this.spans.set(own, span)
    }
  }

  /** What the views say beside their columns, of those that are known. `named` makes the name of a model. */
  heads(known: Heads, named: (name: string) => string): Heads {
    return Object.fromEntries(Object.entries(known).map(([name, head]) => [name, this.placed.get(named(name)) ?? head]))
  }

  /** All of it, for models that may have come after it. */
  write(fill: (source: string, columns: Columns) => void, span: (axis: string, low: number, high: number) => void): void {
    for (const [source, columns] of this.bySource) fill(source, columns)
    for (const [axis, [low, high]] of this.spans) span(axis, low, high)
  }
}
