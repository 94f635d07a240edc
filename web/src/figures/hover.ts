// What a curve is at the pointer: the values of the step nearest to it, of every run that is shown.

import type {Figure, FigureView} from "../bokeh/bokeh.ts"
import type {Painted} from "../frames/channel.ts"
import {el, put} from "../page/dom.ts"
import {frameOf} from "./figure_frame.ts"
import {letter} from "../compare/letter.ts"
import {digits, nearest, thousands} from "../page/numbers.ts"
import type {Axis} from "../page/messages.ts"
import {spentAt, stepAt} from "./spent.ts"

/** A column of a source that a figure draws, and what it is called. */
export interface Read {
  readonly source: string
  readonly column: string
  readonly label: string
  readonly along: string // the column of what it is drawn over: "step", "mode"
}

/** A value as it is read: four digits, whole numbers as they are. */
export const reading = (value: number): string =>
  (Number.isInteger(value) ? thousands(value).replace("-", "−") : Math.abs(value) < 0.1 || Math.abs(value) >= 1e5
    ? value.toPrecision(3).replaceAll("-", "−") : digits(value))

type Painting = readonly Pick<Painted, "sources" | "spent">[]

/**
 * `step 1,234: critic 1.38, generator −1.40`, a line a run where there are several; nothing where there is no curve.
 * `place`: a step, or what else the curves are drawn over; of curves over gradients `2,468 gradients, step 1,234: ...`.
 */
export function lines(painted: Painting, reads: readonly Read[], place: number, over: Axis = "steps"): string[] {
  const written = painted.map(({sources, spent}) => {
    const said: string[] = [], pieces = over === "gradients" && reads[0]?.along === "step" ? spent : undefined
    const x = pieces ? stepAt(pieces, place) : place
    let at: number | null = null
    for (const {source, column, label, along} of reads) {
      const {[along]: places, [column]: values} = sources[source] ?? {}
      const i = places && values ? nearest(places.values, x) : -1
      if (i < 0 || !Number.isFinite(values!.values[i])) continue
      at ??= places!.values[i]!
      said.push(`${label} ${reading(values!.values[i]!)}`)
    }
    if (at === null) return ""
    const cost = pieces ? `${thousands(spentAt(pieces, at))} gradients, ` : ""
    return `${cost}${reads[0]!.along} ${thousands(at)}: ${said.join(", ")}`
  })
  const several = written.length > 1
  return written.flatMap((text, i) => (text ? [several ? `${letter(i)}  ${text}` : text] : []))
}

const STYLE = `position: fixed; z-index: 9; pointer-events: none; padding: 0.25rem 0.5rem; border-radius: 0.25rem;
  background: var(--gandyn-text); color: var(--gandyn-surface); font: var(--gandyn-small)/1.4 var(--gandyn-font);
  font-variant-numeric: tabular-nums; white-space: pre; max-width: 90vw`

/** A box beside the pointer over any of the figures. */
export class Hover {
  /** What is painted of each run. */
  painted: Painting = []
  /** What the curves are drawn over. */
  along: Axis = "steps"
  private readonly node = el("div", {style: STYLE, hidden: true, "aria-hidden": "true", class: "gandyn-hover"})

  attach(figure: Figure, {el: box}: FigureView, reads: readonly Read[]): void {
    if (!reads.length) return
    box.addEventListener("pointermove", ({clientX: x, clientY: y}) => {
      const {start, end} = figure.x_range, {left, width} = frameOf(figure, box), share = (x - left) / width
      this.show(x, y, share >= 0 && share <= 1 ? lines(this.painted, reads, start + share * (end - start), this.along) : [])
    })
    box.addEventListener("pointerleave", () => { this.node.hidden = true })
  }

  private show(x: number, y: number, texts: readonly string[]): void {
    this.node.hidden = texts.length === 0
    if (!texts.length) return
    put(this.node, texts.join("\n"))
    if (!this.node.isConnected) document.body.append(this.node)
    const {offsetWidth: width, offsetHeight: height} = this.node
    this.node.style.left = `${Math.max(4, Math.min(x + 12, innerWidth - width - 4))}px`
    this.node.style.top = `${y - height - 12 < 4 ? y + 16 : y - height - 12}px`
  }

  remove(): void {
    this.node.remove()
  }
}
