// The stage of a report: one run at one moment, painted on a canvas of its own.

import type {Header, NumberColumns, Part} from "../frames/frame.ts"
import {axes, type Box, INK_WIDTH, scaleOf} from "./report_axes.ts"

/** Colours of what is drawn; `map` from low to high. */
export interface Look {
  readonly sheet: string
  readonly ink: string
  readonly uncovered: string // the ring of a mode that is not covered
  readonly outline: string
  readonly real: string
  readonly generated: string
  readonly text: string
  readonly line: string
  readonly font: string
  readonly map: readonly (readonly [number, number, number])[]
}

const MARGINS = {left: 34, right: 8, top: 6, bottom: 26}
const [REAL, GENERATED, ON_A_LINE] = [3, 4, 2] // px: radii; times as large where all lie on a line

/** Of a value the place among `count` colours between low and high. */
export function shadeOf(value: number, low: number, high: number, count: number): number {
  return Math.min(count - 1, Math.max(0, Math.floor((value - low) / (high - low) * count)))
}

function paintMap(ctx: CanvasRenderingContext2D, box: Box, columns: NumberColumns, header: Header, look: Look): void {
  const {image} = columns, {map} = header
  if (!image || !map) return
  const [rows, width] = image.shape as [number, number]
  const cell = new OffscreenCanvas(width, rows), own = cell.getContext("2d")!, pixels = own.createImageData(width, rows)
  for (let i = 0; i < rows * width; i++) {
    const colour = look.map[shadeOf(image.values[i]!, map.low, map.high, look.map.length)]!
    pixels.data.set([...colour, 255], 4 * i)
  }
  own.putImageData(pixels, 0, 0)
  ctx.save()
  ctx.translate(box.x, box.y + box.height)
  ctx.scale(1, -1) // its first row is the lowest
  ctx.drawImage(cell, 0, 0, box.width, box.height)
  ctx.restore()
}

type Place = (x: number, y: number) => readonly [number, number]

// Lines with NaN between them.
function paintLines(ctx: CanvasRenderingContext2D, {x, y}: NumberColumns, at: Place): void {
  if (!x || !y) return
  ctx.beginPath()
  let down = false
  for (let i = 0; i < x.values.length; i++) {
    const [px, py] = at(x.values[i]!, y.values[i]!)
    if (!isFinite(px + py)) down = false
    else if (down) ctx.lineTo(px, py)
    else {
      ctx.moveTo(px, py)
      down = true
    }
  }
  ctx.stroke()
}

function paintArrows(ctx: CanvasRenderingContext2D, {x0, y0, x1, y1}: NumberColumns, at: Place): void {
  if (!x0 || !y0 || !x1 || !y1) return
  ctx.beginPath()
  for (let i = 0; i < x0.values.length; i++) {
    ctx.moveTo(...at(x0.values[i]!, y0.values[i]!))
    ctx.lineTo(...at(x1.values[i]!, y1.values[i]!))
  }
  ctx.stroke()
}

function paintDots(
  ctx: CanvasRenderingContext2D, {x, y}: NumberColumns, at: Place, radius: number, triangles: boolean,
): void {
  for (let i = 0; i < (x?.values.length ?? 0); i++) {
    const [px, py] = at(x!.values[i]!, y!.values[i]!)
    ctx.beginPath()
    if (triangles) {
      ctx.moveTo(px, py - radius)
      ctx.lineTo(px + radius, py + 0.75 * radius)
      ctx.lineTo(px - radius, py + 0.75 * radius)
      ctx.closePath()
    } else ctx.arc(px, py, radius, 0, 2 * Math.PI)
    ctx.fill()
    ctx.stroke()
  }
}

function paintModes(
  ctx: CanvasRenderingContext2D, {x, y, radius, covered}: NumberColumns, at: Place, unit: number, look: Look,
): void {
  for (let i = 0; i < (x?.values.length ?? 0); i++) {
    const [px, py] = at(x!.values[i]!, y!.values[i]!), full = !!covered?.values[i]
    ctx.strokeStyle = full ? look.ink : look.uncovered
    ctx.lineWidth = full ? 2.6 : 1.2
    ctx.beginPath()
    ctx.arc(px, py, radius!.values[i]! * unit, 0, 2 * Math.PI)
    ctx.stroke()
  }
}

/** Paints a moment into a square of `side` px; `real`: the real samples, which frames bring seldom. */
export function paintStage(
  ctx: CanvasRenderingContext2D, side: number, {header, sources}: Part, real: NumberColumns, look: Look, flat: boolean,
): void {
  const room = side - Math.max(MARGINS.left + MARGINS.right, MARGINS.top + MARGINS.bottom)
  const box = {x: MARGINS.left, y: MARGINS.top, width: room, height: room}
  const ends = [-header.window, header.window] as const
  const across = scaleOf(ends, box.x, box.x + room), up = scaleOf(ends, box.y + room, box.y)
  const at: Place = (x, y) => [across(x), up(y)]
  const paint = (alpha: number, width: number, draw: () => void) => {
    Object.assign(ctx, {globalAlpha: alpha, strokeStyle: look.ink, lineWidth: width})
    draw()
    ctx.globalAlpha = 1
  }
  ctx.clearRect(0, 0, side, side)
  ctx.fillStyle = look.sheet
  ctx.fillRect(box.x, box.y, room, room)
  ctx.save()
  ctx.beginPath()
  ctx.rect(box.x, box.y, room, room)
  ctx.clip()
  paintMap(ctx, box, sources.critic ?? {}, header, look)
  paint(0.28, 1, () => { paintLines(ctx, sources.contours ?? {}, at) })
  paint(0.75, 1.6, () => { paintLines(ctx, sources.midline ?? {}, at) })
  paint(0.6, 1, () => { paintArrows(ctx, sources.arrows ?? {}, at) })
  const larger = flat ? ON_A_LINE : 1
  Object.assign(ctx, {strokeStyle: look.outline, lineWidth: 0.6, fillStyle: look.real})
  paintDots(ctx, real, at, REAL * larger, false)
  ctx.fillStyle = look.generated
  paintDots(ctx, sources.generated ?? {}, at, GENERATED * larger, true)
  paintModes(ctx, sources.circles ?? {}, at, room / (2 * header.window), look)
  ctx.restore()
  Object.assign(ctx, {strokeStyle: look.line, lineWidth: INK_WIDTH})
  axes(ctx, box, ends, flat ? null : ends, look)
}
