// The handles of Gaussians on a stage: the middle moves one, its circle at three sigma makes it larger or smaller, and
// each can be reached and moved by keys.

import type {Gaussian} from "./mixture.ts"
import type {Overlay} from "./overlay.ts"
import type {Point} from "./point_text.ts"

const SVG = "http://www.w3.org/2000/svg"
const NEAR = 3 // sigmas: the circle of a mode
const [DOT, HOLD] = [9, 16] // px: what is seen of a middle, and what can be taken

export interface Grip {
  move(i: number, to: Point): void
  resize(i: number, sigma: number): void
  choose(i: number): void
  /** Whether the key did something. */
  key(i: number, event: KeyboardEvent): boolean
}

function shape(name: string, className: string): SVGElement {
  const node = document.createElementNS(SVG, name)
  node.setAttribute("class", className)
  return node
}

function put(node: Element, attributes: Readonly<Record<string, number | string>>): void {
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, String(value))
}

const rounded = (value: number) => String(Number(value.toPrecision(3)))

export class Handles {
  private readonly overlay: Overlay
  private readonly grip: Grip
  private nodes: SVGElement[] = []
  private all: readonly Gaussian[] = []

  constructor(overlay: Overlay, grip: Grip) {
    this.overlay = overlay
    this.grip = grip
  }

  show(all: readonly Gaussian[], chosen: number | null): void {
    this.all = all
    while (this.nodes.length > all.length) this.nodes.pop()!.remove()
    while (this.nodes.length < all.length) this.nodes.push(this.make(this.nodes.length))
    for (const [i, one] of all.entries()) this.draw(this.nodes[i]!, one, i, i === chosen)
  }

  focus(i: number): void {
    this.nodes[i]?.focus()
  }

  private draw(node: SVGElement, {x, y, sigma, weight}: Gaussian, i: number, chosen: boolean): void {
    const [cx, cy] = this.overlay.to([x, y]), r = Math.max(NEAR * sigma * this.overlay.scale, DOT + 4)
    const [rim, grip, dot, hold, text] = node.children
    for (const circle of [rim!, grip!]) put(circle, {cx, cy, r})
    put(dot!, {cx, cy, r: DOT})
    put(hold!, {cx, cy, r: Math.min(HOLD, Math.max(DOT, r - 7))})
    put(text!, {x: cx, y: cy})
    text!.textContent = String(i)
    node.setAttribute("class", chosen ? "chosen" : "")
    put(node, {
      "aria-pressed": String(chosen),
      "aria-label": `Gaussian ${i} at ${rounded(x)}, ${rounded(y)}, sigma ${rounded(sigma)}, weight ${rounded(weight)}`,
    })
  }

  private make(i: number): SVGElement {
    const node = shape("g", "")
    put(node, {tabindex: 0, role: "button", "aria-roledescription": "Gaussian"})
    const grip = shape("circle", "grip"), hold = shape("circle", "hold")
    node.append(shape("circle", "rim"), grip, shape("circle", "dot"), hold, shape("text", ""))
    this.drag(hold, i, (to, {x, y}) => { this.grip.move(i, [x + to[0], y + to[1]]) })
    this.drag(grip, i, (to, one, at) => {
      const from = Math.hypot(at[0] - to[0] - one.x, at[1] - to[1] - one.y)
      const now = Math.hypot(at[0] - one.x, at[1] - one.y)
      this.grip.resize(i, Math.max(0, one.sigma + (now - from) / NEAR))
    })
    node.addEventListener("focus", () => { this.grip.choose(i) })
    node.addEventListener("keydown", (event) => {
      if (event.ctrlKey || event.metaKey || event.altKey || !this.grip.key(i, event)) return
      event.preventDefault()
      event.stopPropagation() // the keys of the page are for the page
    })
    this.overlay.svg.append(node)
    return node
  }

  /** `use(way, start, at)`: how far the pointer has come, the Gaussian as it was then, where the pointer is. */
  private drag(node: SVGElement, i: number, use: (way: Point, start: Gaussian, at: Point) => void): void {
    let from: Point | null = null, start: Gaussian | undefined
    node.addEventListener("pointerdown", (event) => {
      if (event.button !== 0 || !event.isPrimary) return
      event.stopPropagation()
      node.setPointerCapture(event.pointerId)
      from = this.overlay.at(event)
      start = this.all[i]
      this.grip.choose(i)
    })
    node.addEventListener("pointermove", (event) => {
      if (!from || !start || !event.isPrimary) return
      event.stopPropagation()
      const at = this.overlay.at(event)
      use([at[0] - from[0], at[1] - from[1]], start, at)
    })
    const end = (event: PointerEvent) => {
      if (!from || !event.isPrimary) return
      event.stopPropagation()
      from = null
    }
    node.addEventListener("pointerup", end)
    node.addEventListener("pointercancel", end)
  }
}
