// Which figures are painted with this animation frame. Nothing here knows of Bokeh.

export const SELDOM = 160 // ms between two paintings of a figure of curves: nobody reads them faster

/**
 * Figures that have changed and wait for their paint. Live ones are painted at every animation frame, of the others
 * one that is due, so that no frame waits for all of them.
 */
export class Schedule<T> {
  private readonly changed = new Set<T>()
  private readonly last = new Map<T, number>() // when each was painted
  private readonly isLive: (one: T) => boolean

  constructor(isLive: (one: T) => boolean) {
    this.isLive = isLive
  }

  has(one: T): boolean {
    return this.changed.has(one)
  }

  add(one: T): void {
    this.changed.add(one)
  }

  private due(one: T, now: number): number {
    return this.isLive(one) ? 0 : (this.last.get(one) ?? -Infinity) + SELDOM - now
  }

  /** Takes those to paint at `now`, live ones first. */
  take(now: number): T[] {
    const waiting = [...this.changed].sort((a, b) => this.due(a, now) - this.due(b, now) || 0)
    const live = waiting.filter((one) => this.isLive(one))
    const other = waiting.find((one) => !this.isLive(one) && this.due(one, now) <= 0)
    const due = other === undefined ? live : [...live, other]
    for (const one of due) {
      this.changed.delete(one)
      this.last.set(one, now)
    }
    return due
  }

  /** The ms from `now` until the next is due; null if none waits. */
  rest(now: number): number | null {
    const left = [...this.changed].map((one) => this.due(one, now))
    return left.length > 0 ? Math.max(0, Math.min(...left)) : null
  }
}
