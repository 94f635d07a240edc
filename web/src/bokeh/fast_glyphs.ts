// Bokeh paints for every case. These are the cases at hand, at a fraction of the cost; each takes the place of Bokeh's
// painting of one kind of glyph, and steps aside where its case is not given.

import type {FigureView} from "./bokeh.ts"
import {type CanvasContext, type GlyphView, plainGlyphs, replacePaint, scalar} from "./bokeh_private.ts"

const PHASES = 4 // stamps a pixel, across and down, so that slow dots do not jump from pixel to pixel
const DOT = ["size", "angle", "marker", "line_width", "line_color", "line_alpha", "fill_color", "fill_alpha"]

const isCanvas = (ctx: object): boolean =>
  ctx instanceof CanvasRenderingContext2D || ctx instanceof OffscreenCanvasRenderingContext2D

/** The phase of a place within its pixel: which of the stamps lies nearest. */
export function phaseOf(x: number, y: number): number {
  return Math.floor((x - Math.floor(x)) * PHASES) + PHASES * Math.floor((y - Math.floor(y)) * PHASES)
}

// All dots of a layer look the same, so one is drawn, by Bokeh itself, and then stamped. One image for each phase, not one
// sheet for all: a whole image at a whole pixel is copied, part of one is sampled.
function stamped(glyph: GlyphView): void {
  let key = "", stamps: ImageBitmap[] = [], cell = 0

  const make = (ratio: number, reach: number, draw: (ctx: CanvasContext) => void) => {
    cell = 2 * Math.ceil(reach * ratio) + 2
    stamps = Array.from({length: PHASES ** 2}, (_, phase) => {
      const canvas = new OffscreenCanvas(cell, cell)
      const ctx = canvas.getContext("2d")!
      const [right, down] = [phase % PHASES, Math.floor(phase / PHASES)]
      ctx.setTransform(ratio, 0, 0, ratio, cell / 2 + right / PHASES, cell / 2 + down / PHASES)
      draw(ctx)
      return canvas.transferToImageBitmap()
    })
  }

  replacePaint(glyph, (ctx, indices, draw) => {
    if (!isCanvas(ctx)) return false // for an SVG there are no stamps
    const look = DOT.map((name) => scalar(glyph, name))
    if (look.includes(undefined)) return false
    const {a: ratio, e: left, f: top} = ctx.getTransform()
    const now = [ratio, ...look].join()
    if (now !== key) make(ratio, (Number(scalar(glyph, "size")) + Number(scalar(glyph, "line_width"))) / 2 + 1, draw)
    key = now
    const {sx, sy} = glyph
    ctx.save()
    ctx.resetTransform()
    for (const i of indices) {
      const x = (sx[i]!) * ratio + left
      const y = (sy[i]!) * ratio + top
      if (!isFinite(x + y)) continue
      ctx.drawImage(stamps[phaseOf(x, y)]!, Math.floor(x) - cell / 2, Math.floor(y) - cell / 2)
    }
    ctx.restore()
    return true
  })
}

// Segments of one colour and width: one path instead of hundreds.
function joinedUp(glyph: GlyphView): void {
  replacePaint(glyph, (ctx, indices) => {
    const [first] = indices
    const alike = ["line_color", "line_width", "line_alpha"].every((name) => scalar(glyph, name) !== undefined)
    if (!alike || first === undefined) return false
    const {sx0, sy0, sx1, sy1} = glyph
    ctx.beginPath()
    for (const i of indices) {
      ctx.moveTo(sx0[i]!, sy0[i]!)
      ctx.lineTo(sx1[i]!, sy1[i]!)
    }
    glyph.visuals.line.apply(ctx, first)
    return true
  })
}

// In an SVG an image has no shades between its pixels: it is given all of them.
function enlarged(image: CanvasImageSource, width: number, height: number): HTMLCanvasElement {
  const canvas = document.createElement("canvas")
  Object.assign(canvas, {width: Math.round(width), height: Math.round(height)})
  canvas.getContext("2d")!.drawImage(image, 0, 0, canvas.width, canvas.height)
  return canvas
}

// The map is a smooth function seen at a few thousand points: shades between them, no tiles.
function smooth(glyph: GlyphView): void {
  replacePaint(glyph, (ctx, indices) => {
    const {image_data: [image], sx, sy, sdw, sdh} = glyph
    if (indices.length !== 1 || !image) return false
    ctx.save()
    ctx.imageSmoothingEnabled = true
    ctx.translate(sx[0]!, sy[0]!)
    ctx.scale(1, -1)
    ctx.drawImage(isCanvas(ctx) ? image : enlarged(image, sdw[0]!, sdh[0]!), 0, 0, sdw[0]!, sdh[0]!)
    ctx.restore()
    return true
  })
}

const FAST: Readonly<Record<string, (glyph: GlyphView) => void>> = {Scatter: stamped, Segment: joinedUp, Image: smooth}

/** Lets a figure paint what it has fast; once for each view. */
export function useFastGlyphs(figure: FigureView): void {
  for (const glyph of plainGlyphs(figure)) FAST[glyph.model.type]?.(glyph)
}
