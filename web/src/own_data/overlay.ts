// A sheet over a stage: pointers on it are places in data space, and what is drawn on it lies where the data are.

import type {Figure, FigureView} from "../bokeh/bokeh.ts"
import {el, on} from "../page/dom.ts"
import type {Point} from "./point_text.ts"

/** What happens on the sheet; a stroke goes on from one place to the next. */
export interface Hand {
  down(at: Point): void
  move(from: Point, to: Point): void
  up(at: Point): void
  /** The pointer is over the sheet, not pressed; null: it has left. */
  over(at: Point | null): void
}

const STYLE = `
  .sheet { position: absolute; z-index: 10; touch-action: none; user-select: none; -webkit-user-select: none;
    cursor: crosshair; outline: 2px solid var(--gandyn-accent); outline-offset: -1px; border-radius: 2px; overflow: clip; }
  .sheet canvas, .sheet svg { position: absolute; inset: 0; width: 100%; height: 100%; }
  .sheet svg { overflow: visible; pointer-events: none; }
  g { pointer-events: auto; outline: none; }
  .rim { fill: none; stroke: var(--gandyn-accent); stroke-width: 2; pointer-events: none; }
  .grip { fill: none; stroke: transparent; stroke-width: 14; cursor: nwse-resize; pointer-events: stroke; }
  .dot { fill: var(--gandyn-surface); stroke: var(--gandyn-accent); stroke-width: 2; pointer-events: none; }
  .hold { fill: transparent; cursor: move; }
  text { font: 600 11px var(--gandyn-font); fill: var(--gandyn-text); text-anchor: middle; dominant-baseline: central;
    pointer-events: none; }
  g.chosen .dot { fill: var(--gandyn-accent); }
  g.chosen text { fill: var(--gandyn-surface); }
  g:focus-visible .rim { stroke-width: 4; }
`
const HELD = 0 // the main button, a finger, a pen that touches

export class Overlay {
  readonly node: HTMLElement
  readonly svg: SVGSVGElement
  private readonly canvas = el("canvas", {"aria-hidden": "true"})
  private readonly figure: Figure
  private readonly view: FigureView
  private readonly watch: ResizeObserver
  private readonly placed: () => void
  private fits = "" // the size and the square for which it was placed
  private last: Point | null = null // of the pointer that is down

  /** `placed` is called where the stage has another size or shows another square. */
  constructor(figure: Figure, view: FigureView, hand: Hand, label: string, placed: () => void) {
    this.figure = figure
    this.view = view
    this.placed = placed
    this.svg = document.createElementNS("http://www.w3.org/2000/svg", "svg")
    this.node = el("div.sheet", {role: "group", "aria-label": label}, this.canvas, this.svg)
    on(this.node, "pointerdown", (event) => {
      if (event.button !== HELD || !event.isPrimary) return
      this.node.setPointerCapture(event.pointerId)
      event.preventDefault()
      this.last = this.at(event)
      hand.down(this.last)
    })
    on(this.node, "pointermove", (event) => {
      if (!event.isPrimary) return
      if (this.last === null) {
        hand.over(this.at(event))
        return
      }
      const passed = event.getCoalescedEvents()
      for (const one of passed.length ? passed : [event]) {
        const to = this.at(one)
        hand.move(this.last, to)
        this.last = to
      }
    })
    const end = (event: PointerEvent) => {
      if (this.last === null || !event.isPrimary) return
      this.last = null
      hand.up(this.at(event))
    }
    on(this.node, "pointerup", end)
    on(this.node, "pointercancel", end)
    on(this.node, "pointerleave", () => { if (this.last === null) hand.over(null) })
    this.watch = new ResizeObserver(() => { this.place() })
    this.watch.observe(view.el)
    this.place()
  }

  /** Half the width of the stage, in data units. */
  get reach(): number {
    return this.figure.x_range.end
  }

  /** px a data unit. */
  get scale(): number {
    return this.node.clientWidth / (2 * this.reach)
  }

  /** Lies over the frame of the stage, whose right and upper margins are fixed. */
  private place(): void {
    const {inner_width: width, inner_height: height, min_border_right: right, min_border_top: top} = this.figure
    this.fits = `${width} ${height} ${this.reach}`
    const sheet = this.view.el.shadowRoot
    if (sheet && this.node.parentNode !== sheet) sheet.append(el("style", {}, STYLE), this.node)
    Object.assign(this.node.style, {right: `${right}px`, top: `${top}px`, width: `${width}px`, height: `${height}px`})
    const ratio = devicePixelRatio
    this.canvas.width = Math.round(width * ratio)
    this.canvas.height = Math.round(height * ratio)
    this.placed()
  }

  /** A frame is painted: the labels of its axes may have moved the frame of the stage, or it shows another square. */
  follow(): void {
    const {inner_width: width, inner_height: height} = this.figure
    if (this.fits !== `${width} ${height} ${this.reach}`) this.place()
  }

  at({clientX, clientY}: {clientX: number, clientY: number}): Point {
    const {left, top, width, height} = this.node.getBoundingClientRect()
    const {reach} = this
    return [((clientX - left) / width * 2 - 1) * reach, (1 - (clientY - top) / height * 2) * reach]
  }

  /** Where a place lies on the sheet, in px. */
  to([x, y]: Point): Point {
    const {reach, node: {clientWidth, clientHeight}} = this
    return [(x / reach + 1) / 2 * clientWidth, (1 - y / reach) / 2 * clientHeight]
  }

  /** The points, and the brush around the pointer. */
  paint(points: readonly Point[], brush: Point | null, radius: number): void {
    const ctx = this.canvas.getContext("2d")!, ratio = devicePixelRatio
    const style = getComputedStyle(this.node)
    ctx.setTransform(ratio, 0, 0, ratio, 0, 0)
    ctx.clearRect(0, 0, this.canvas.width, this.canvas.height)
    ctx.fillStyle = style.getPropertyValue("--gandyn-real")
    ctx.strokeStyle = style.getPropertyValue("--gandyn-surface")
    ctx.lineWidth = 0.5
    for (const point of points) {
      const [x, y] = this.to(point)
      ctx.beginPath()
      ctx.arc(x, y, 2, 0, 2 * Math.PI)
      ctx.fill()
      ctx.stroke()
    }
    if (!brush) return
    ctx.strokeStyle = style.getPropertyValue("--gandyn-accent")
    ctx.lineWidth = 1.5
    ctx.beginPath()
    ctx.arc(...this.to(brush), radius * this.scale, 0, 2 * Math.PI)
    ctx.stroke()
  }

  remove(): void {
    this.watch.disconnect()
    this.node.previousElementSibling?.remove() // its style
    this.node.remove()
  }
}
