// The target as it is under the hand: points that are drawn, or Gaussians that are moved. It is newer than what the
// server says for a moment after each change.

import {erased, painted} from "./brush.ts"
import type {Mixture} from "../messages.ts"
import {added, changed, type Gaussian, MOST, pressed, read, removed, write} from "./mixture.ts"
import {decode, encode, type Point} from "./point_text.ts"
import {throttled} from "../page/throttled.ts"

const [POINTS_EVERY, GAUSSIANS_EVERY] = [400, 80] // ms: a drawing is a long text, and each one stays in the past
const SETTLED = 700 // ms after the last change that was sent: what arrives before is older

/** What the server says of the target. */
export interface ControlledTarget {
  readonly drawing: string
  readonly mixture: Mixture | null
}

export interface Ways {
  send(controls: Readonly<Record<string, unknown>>): void
  changed(): void
  complain(line: string): void
}

export class OwnTarget {
  points: Point[] = []
  gaussians: Gaussian[] = []
  chosen: number | null = null
  /** Half the width of the stage, in data units. */
  reach = 1
  private readonly most: number
  private readonly controlled: () => ControlledTarget
  private readonly ways: Ways
  private fixed = 0 // until then (ms) what is here is newer
  private waiting: ReturnType<typeof setTimeout> | undefined

  /** `most`: points of a drawing. */
  constructor(most: number, controlled: () => ControlledTarget, ways: Ways) {
    this.most = most
    this.controlled = controlled
    this.ways = ways
  }

  get one(): Gaussian | null {
    return this.chosen === null ? null : this.gaussians[this.chosen] ?? null
  }

  draw(from: Point, to: Point, radius: number): void {
    const more = painted(from, to, radius, this.reach, Math.random), rest = this.most - this.points.length
    this.points = [...this.points, ...more.slice(0, Math.max(0, rest))]
    this.touch(this.sendPoints)
    if (more.length > rest) this.ways.complain(`${this.most} points are the most of a drawing: erase some, or load a file`)
  }

  /** A target has at least one point: without any nothing is sent. */
  erase(from: Point, to: Point, radius: number): void {
    const left = erased(this.points, from, to, radius)
    if (left.length === this.points.length) return
    this.points = left
    this.touch(left.length ? this.sendPoints : () => {})
  }

  clear(): void {
    this.points = []
    this.touch(() => {})
  }

  add(place: Point): void {
    if (this.gaussians.length >= MOST) {
      this.ways.complain(`${MOST} Gaussians are the most: remove one`)
      return
    }
    this.chosen = this.gaussians.length
    this.put(added(this.gaussians, place, this.reach))
  }

  /** The chosen one; the last stays. */
  remove(): void {
    if (this.chosen === null || this.gaussians.length < 2) return
    const all = removed(this.gaussians, this.chosen)
    this.chosen = Math.min(this.chosen, all.length - 1)
    this.put(all)
  }

  change(i: number, how: Partial<Gaussian>): void {
    this.put(changed(this.gaussians, i, how, this.reach))
  }

  /** Whether the key did something to that Gaussian. */
  key(i: number, key: string, fine: boolean): boolean {
    if (key === "Delete" || key === "Backspace") {
      this.chosen = i
      this.remove()
      return true
    }
    const one = this.gaussians[i], how = one ? pressed(one, key, fine, this.reach) : null
    if (how) this.change(i, how)
    return how !== null
  }

  private put(all: Gaussian[]): void {
    this.gaussians = all
    this.touch(this.sendGaussians)
  }

  private touch(send: () => void): void {
    this.fixed = performance.now() + SETTLED
    send()
    this.ways.changed()
  }

  private readonly sendGaussians = this.throttled(GAUSSIANS_EVERY, () => {
    const {x, y, sigmas, weights} = write(this.gaussians)
    return {target: "gaussians", "target.x": x, "target.y": y, "target.sigmas": sigmas, "target.weights": weights}
  })

  private readonly sendPoints = this.throttled(POINTS_EVERY, () => (this.points.length
    ? {target: "points", "target.points": encode(this.points, this.reach), "target.scale": "plain"} : null))

  private throttled(ms: number, controls: () => Readonly<Record<string, unknown>> | null): () => void {
    const go = throttled<null>(ms, () => {
      const now = controls()
      if (!now) return
      this.fixed = performance.now() + SETTLED
      this.ways.send(now)
    })
    return () => { go(null) }
  }

  /** What the server says is the target, at once (`anyway`) or as soon as nothing newer is here. */
  adopt(anyway = false): void {
    clearTimeout(this.waiting)
    const rest = anyway ? 0 : this.fixed - performance.now()
    if (rest > 0) {
      this.waiting = setTimeout(() => { this.adopt() }, rest + 1)
      return
    }
    const {drawing, mixture} = this.controlled()
    this.points = decode(drawing)
    this.gaussians = mixture ? read(mixture) : []
    if (this.one === null) this.chosen = null
    this.ways.changed()
  }

  stop(): void {
    clearTimeout(this.waiting)
  }
}
