// A drag across a figure looks closer at what it spans, a double click shows all again.

import type {Axes, Span} from "./axes.ts"
import type {Figure, FigureView, Range} from "../bokeh/bokeh.ts"
import {el} from "../page/dom.ts"
import {type Frame, frameOf} from "./figure_frame.ts"

const LEAST = 8 // px: less is a click
const BOTH = 0.25 // of a figure's height: a drag over less of it spans its steps alone

/** The spans that a drag from (x0, y0) to (x1, y1) chooses in a frame, by the names of its ranges; none of a click. */
export function chosen(
  frame: Frame, figure: Pick<Figure, "x_range" | "y_range">, square: boolean, [x0, y0, x1, y1]: readonly number[],
): Readonly<Record<string, Span>> {
  const within = (low: number, size: number, one: number) => Math.min(Math.max((one - low) / size, 0), 1)
  let [a, b] = [within(frame.left, frame.width, x0!), within(frame.left, frame.width, x1!)].toSorted((p, q) => p - q)
  let [c, d] = [within(frame.top, frame.height, y1!), within(frame.top, frame.height, y0!)].toSorted((p, q) => p - q)
  if (square) {
    const half = Math.max(b! - a!, d! - c!) / 2, [u, v] = [(a! + b!) / 2, (c! + d!) / 2]
    ;[a, b, c, d] = [u - half, u + half, v - half, v + half]
  }
  if ((b! - a!) * frame.width < LEAST) return {}
  const span = ({start, end}: Range, p: number, q: number): Span => [start + p * (end - start), start + q * (end - start)]
  const {x_range: x, y_range: y} = figure
  const both = square || d! - c! > BOTH
  const name = (range: Range) => range.name!.replace("axis-", "")
  return {[name(x)]: span(x, a!, b!), ...(both ? {[name(y)]: span(y, 1 - d!, 1 - c!)} : {})}
}

const STYLE = `position: fixed; z-index: 8; pointer-events: none; border: 1px solid var(--gandyn-accent);
  background: color-mix(in srgb, var(--gandyn-accent) 15%, transparent)`

/** What a zoomable figure asks of its page. */
export interface Zooming {
  /** Whether a drag is for something else now. */
  busy(): boolean
  /** The spans have changed. */
  changed(): void
}

/** Lets a person drag over a figure. `square`: both axes keep their scale. */
export function makeZoomable(figure: Figure, {el: node}: FigureView, axes: Axes, square: boolean, zooming: Zooming): void {
  const band = el("div", {style: STYLE, hidden: true, class: "gandyn-band"})
  node.addEventListener("pointerdown", (down) => {
    if (down.button !== 0 || down.pointerType === "touch" || zooming.busy()) return // a touch scrolls the page
    const {left, top, width, height} = frameOf(figure, node), {clientX: x, clientY: y} = down
    if (x < left || x > left + width || y < top || y > top + height) return
    down.preventDefault()
    const stop = new AbortController(), {signal} = stop
    const finish = () => {
      stop.abort()
      band.remove()
    }
    document.addEventListener("pointermove", ({clientX, clientY}) => {
      band.hidden = Math.hypot(clientX - x, clientY - y) < LEAST
      const tall = square || Math.abs(clientY - y) > BOTH * height
      Object.assign(band.style, {
        left: `${Math.min(x, clientX)}px`, width: `${Math.abs(clientX - x)}px`,
        top: `${tall ? Math.min(y, clientY) : top}px`, height: `${tall ? Math.abs(clientY - y) : height}px`,
      })
      if (!band.isConnected) document.body.append(band)
    }, {signal})
    document.addEventListener("pointerup", ({clientX, clientY}) => {
      finish()
      const spans = chosen(frameOf(figure, node), figure, square, [x, y, clientX, clientY])
      if (Object.keys(spans).length === 0) return
      axes.choose(spans)
      zooming.changed()
    }, {signal})
    document.addEventListener("pointercancel", finish, {signal})
    document.addEventListener("keydown", ({key}) => { if (key === "Escape") finish() }, {signal})
  })
  node.addEventListener("dblclick", () => {
    axes.whole()
    zooming.changed()
  })
}
