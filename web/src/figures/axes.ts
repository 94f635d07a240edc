// The spans of the axes: those that frames ask for, unless a person looks closer.

import {type Range, tagged} from "../bokeh/bokeh.ts"

export type Span = readonly [low: number, high: number]

/** The axis whose choice holds for a range: runs side by side are looked at through the same window. */
const base = (name: string): string => name.split("@")[0]!

export class Axes {
  private readonly named: (name: string) => Range | null
  private readonly changed: (range: Range) => void
  private readonly asked = new Map<string, Span>() // by frames, of each range
  private readonly chosen = new Map<string, Span>() // by a person, of each axis

  /** `named(name)`: the range of a name, if it is there; `changed(range)`: before it gets another span. */
  constructor(named: (name: string) => Range | null, changed: (range: Range) => void) {
    this.named = named
    this.changed = changed
  }

  /** Whether a person looks closer at any. */
  get zoomed(): boolean {
    return this.chosen.size > 0
  }

  /** What a frame asks for; the range adds its own headroom. */
  span(name: string, start: number, end: number): void {
    const range = this.named(name)
    if (range === null || !(start < end)) return
    const room = (end - start) * Number(tagged(range, "headroom") ?? 0)
    this.asked.set(name, [start - room, end + room])
    this.show(name, range)
  }

  /** Look closer: the spans of some axes, by the names of their ranges. */
  choose(spans: Readonly<Record<string, Span>>): void {
    for (const [name, span] of Object.entries(spans)) this.chosen.set(base(name), span)
    this.showAll()
  }

  /** All again. */
  whole(): void {
    this.chosen.clear()
    this.showAll()
  }

  private showAll(): void {
    for (const name of this.asked.keys()) {
      const range = this.named(name)
      if (range) this.show(name, range)
    }
  }

  private show(name: string, range: Range): void {
    const [start, end] = this.chosen.get(base(name)) ?? this.asked.get(name)!
    if (range.start === start && range.end === end) return
    this.changed(range)
    range.setv({start, end}, {sync: false})
  }
}
