// The small pictures of the stage, one a GAN, on one canvas.

import type {CanvasContext} from "../bokeh/bokeh_private.ts"
import type {NumberColumns, Numbers} from "../frames/frame.ts"

const DOT = 1 / 70 // radius of a dot, of a picture's side
const LEAST = 1.1 // px
const ON_A_LINE = 2.5 // times as large: there they lie on top of each other
const REAL = 250 // real samples in a picture

/** Where a picture stands, in pixels of the screen. */
export interface Box {
  readonly x: number
  readonly y: number
  readonly side: number
}

/** What is drawn: the samples of all GANs [count, n], and the window [-window, window]^2; `flat`: on a line. */
export interface Scene {
  readonly dots: {readonly x: Numbers, readonly y: Numbers}
  readonly window: number
  readonly flat: boolean
}

export interface Colours {
  readonly real: string
  readonly generated: string
  readonly ink: string
  readonly sheet: string
}

type Shape = (ctx: CanvasContext, x: number, y: number, radius: number) => void

const circle: Shape = (ctx, x, y, radius) => {
  ctx.moveTo(x + radius, y)
  ctx.arc(x, y, radius, 0, 2 * Math.PI)
}
const triangle: Shape = (ctx, x, y, radius) => {
  ctx.moveTo(x, y - 1.3 * radius)
  ctx.lineTo(x + 1.2 * radius, y + 0.9 * radius)
  ctx.lineTo(x - 1.2 * radius, y + 0.9 * radius)
}

/** Points [from, to) within a picture, each drawn by `shape`. What is not finite or outside is left out. */
function drawDots(
  ctx: CanvasContext, side: number, scene: Scene, {x, y}: Scene["dots"], from: number, to: number, shape: Shape,
): void {
  const scale = side / (2 * scene.window), radius = Math.max(LEAST, DOT * side) * (scene.flat ? ON_A_LINE : 1)
  ctx.beginPath()
  for (let i = from; i < to; i++) {
    const px = side / 2 + (x.values[i]!) * scale, py = side / 2 - (y.values[i]!) * scale
    if (px > 0 && px < side && py > 0 && py < side) shape(ctx, px, py, radius)
  }
  ctx.fill()
}

export class Pictures {
  private readonly canvas: HTMLCanvasElement
  private colours: Colours = {real: "", generated: "", ink: "", sheet: ""}
  private real: NumberColumns | undefined
  private circles: NumberColumns | undefined
  private ground: {readonly sheet: OffscreenCanvas, readonly side: number, readonly window: number} | null = null

  constructor(canvas: HTMLCanvasElement) {
    this.canvas = canvas
  }

  /** The next painting is in these colours. */
  wear(colours: Colours): void {
    if (this.colours === colours) return
    this.colours = colours
    this.ground = null
  }

  /** What all pictures have in common: the real samples, and the circles of the modes where the target has some. */
  share(real: NumberColumns | undefined, circles: NumberColumns | undefined): void {
    if (real === this.real && circles === this.circles) return
    this.real = real
    this.circles = circles
    this.ground = null
  }

  /** How many modes the target has. */
  get modes(): number {
    return this.circles?.x?.values.length ?? 0
  }

  /** The next painting begins with a new ground: the canvas has another size. */
  resize(width: number, height: number): void {
    if (this.canvas.width !== width || this.canvas.height !== height) Object.assign(this.canvas, {width, height})
    this.ground = null
  }

  private makeGround(side: number, scene: Scene): {sheet: OffscreenCanvas, side: number, window: number} {
    const sheet = new OffscreenCanvas(Math.max(1, side), Math.max(1, side))
    const ctx = sheet.getContext("2d")!
    ctx.fillStyle = this.colours.sheet
    ctx.fillRect(0, 0, side, side)
    ctx.fillStyle = this.colours.real
    ctx.globalAlpha = 0.6
    const {x, y} = this.real ?? {}
    if (x && y) drawDots(ctx, side, scene, {x, y}, 0, Math.min(REAL, x.values.length), circle)
    ctx.globalAlpha = 0.55
    ctx.strokeStyle = this.colours.ink
    ctx.lineWidth = Math.max(1, side / 140)
    this.drawModes(ctx, side, side / (2 * scene.window))
    return {sheet, side, window: scene.window}
  }

  private drawModes(ctx: CanvasContext, side: number, scale: number): void {
    const {x, y, radius} = this.circles ?? {}
    if (!x || !y || !radius) return
    ctx.beginPath()
    for (let i = 0; i < x.values.length; i++) {
      const [cx, cy, r] = [x.values[i]!, y.values[i]!, radius.values[i]!]
      circle(ctx, side / 2 + cx * scale, side / 2 - cy * scale, r * scale)
    }
    ctx.stroke()
  }

  paint(scene: Scene, boxes: readonly Box[]): void {
    const [first] = boxes
    if (!first) return
    const ctx = this.canvas.getContext("2d")!, {side} = first
    if (this.ground?.side !== side || this.ground.window !== scene.window) this.ground = this.makeGround(side, scene)
    ctx.clearRect(0, 0, this.canvas.width, this.canvas.height)
    const each = scene.dots.x.shape[1] ?? 0
    for (const [i, place] of boxes.entries()) {
      ctx.save()
      ctx.translate(place.x, place.y)
      ctx.drawImage(this.ground.sheet, 0, 0)
      ctx.beginPath()
      ctx.rect(0, 0, side, side)
      ctx.clip()
      ctx.fillStyle = this.colours.generated
      drawDots(ctx, side, scene, scene.dots, i * each, (i + 1) * each, triangle)
      ctx.restore()
    }
  }
}
