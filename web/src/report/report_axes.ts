// Axes of what a report paints.

import {thousands} from "../page/numbers.ts"

export interface Box {
  readonly x: number
  readonly y: number
  readonly width: number
  readonly height: number
}

export type Span = readonly [low: number, high: number]

export const INK_WIDTH = 1
const TICK = 4 // px

/** From values to pixels. */
export const scaleOf = ([low, high]: Span, from: number, to: number) => (value: number): number =>
  from + (value - low) / (high - low) * (to - from)

/** About `wanted` round numbers between two ends: multiples of 1, 2 or 5 times a power of ten. */
export function ticks([low, high]: Span, wanted: number): number[] {
  const rough = (high - low) / wanted
  if (!(rough > 0) || !isFinite(rough)) return []
  const power = 10 ** Math.floor(Math.log10(rough))
  const step = ([1, 2, 5, 10].find((factor) => factor * power >= rough) ?? 10) * power
  const first = Math.ceil(low / step - 1e-9), last = Math.floor(high / step + 1e-9)
  return Array.from({length: last - first + 1}, (_, i) => Number(((first + i) * step).toPrecision(12)))
}

/** A tick's number: 1,000 and −0.5. */
export const label = (value: number): string =>
  (Math.abs(value) >= 1000 ? thousands(value) : String(value)).replace("-", "−")

interface Ink {
  readonly text: string
  readonly line: string
  readonly font: string
}

/** Draws the lines, ticks and numbers below and to the left of a box; none for an axis that is null. */
export function axes(ctx: CanvasRenderingContext2D, box: Box, below: Span | null, left: Span | null, ink: Ink): void {
  const bottom = box.y + box.height
  Object.assign(ctx, {strokeStyle: ink.line, fillStyle: ink.text, lineWidth: INK_WIDTH, font: `11px ${ink.font}`})
  ctx.beginPath()
  if (below) {
    ctx.moveTo(box.x, bottom)
    ctx.lineTo(box.x + box.width, bottom)
    const at = scaleOf(below, box.x, box.x + box.width)
    Object.assign(ctx, {textAlign: "center", textBaseline: "top"})
    for (const value of ticks(below, Math.max(2, box.width / 75))) {
      ctx.moveTo(at(value), bottom)
      ctx.lineTo(at(value), bottom + TICK)
      ctx.fillText(label(value), at(value), bottom + TICK + 2)
    }
  }
  if (left) {
    ctx.moveTo(box.x, box.y)
    ctx.lineTo(box.x, bottom)
    const at = scaleOf(left, bottom, box.y)
    Object.assign(ctx, {textAlign: "right", textBaseline: "middle"})
    for (const value of ticks(left, Math.max(2, box.height / 36))) {
      ctx.moveTo(box.x, at(value))
      ctx.lineTo(box.x - TICK, at(value))
      ctx.fillText(label(value), box.x - TICK - 2, at(value))
    }
  }
  ctx.stroke()
}
