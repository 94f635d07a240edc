// What the parts of a page tell each other, without names that the whole page shares: the painted frames, by document,
// broadcast and place. The bundle is one module in a page, so all of its parts have the same map.

import type {BokehDocument} from "../bokeh/bokeh.ts"
import type {Header, Sources} from "./frame.ts"
import type {Reading} from "./pace.ts"

/** The line to the server: open, lost (it is tried again), refused to this page, or gone: the run has ended. */
export type Line = "open" | "lost" | "refused" | "gone"

/** What the page shows now: the last painted frame, what is known of its pace, and the line on which it came. */
export type Painted = Partial<Header & Reading> & {readonly sources: Sources, readonly line: Line}

export type Listener<T> = (value: T) => void

/** The latest value, and those who are told of each. */
export class Channel<T> {
  private readonly listeners = new Set<Listener<T>>()
  private last: T | undefined

  tell(value: T): void {
    this.last = value
    for (const listener of [...this.listeners]) {
      try {
        listener(value)
      } catch (error) { // the others are told all the same: no part of the page stops the frames
        console.error(error)
      }
    }
  }

  /** The latest value. */
  get latest(): T | undefined {
    return this.last
  }

  /** Who comes later is told the latest at once. Returns the way to stop listening. */
  listen(listener: Listener<T>): () => void {
    this.listeners.add(listener)
    if (this.last !== undefined) listener(this.last)
    return () => { this.listeners.delete(listener) }
  }
}

const channels = new WeakMap<BokehDocument, Map<string, Channel<Painted>>>()

/** The frames that a document paints of a broadcast: of its first run, or of the one at another place. */
export function framesOf(document: BokehDocument, broadcast: string, place = 0): Channel<Painted> {
  const known = channels.get(document) ?? new Map<string, Channel<Painted>>()
  channels.set(document, known)
  const key = `${place} ${broadcast}`
  const channel = known.get(key) ?? new Channel<Painted>()
  known.set(key, channel)
  return channel
}

/** What was painted last of a run, at any time. */
export const lastPainted = (document: BokehDocument, broadcast: string, place: number) => (): Painted =>
  framesOf(document, broadcast, place).latest ?? {line: "open", sources: {}}
