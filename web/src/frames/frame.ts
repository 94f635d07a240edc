// One frame of the stream: of every run a header, and typed arrays by source and column. No page is needed here.

import type {PageNotice} from "../messages.ts"
import type {Common, Head, Notice as FrameNotice, OfRun} from "./schema.ts"

export interface Column<T = ArrayLike<number | string>> {
  readonly values: T
  readonly shape: readonly number[]
}

export type Numbers = Column<Float32Array | Float64Array | Int32Array | Uint8Array>
export type Columns = Readonly<Record<string, Column>>
export type NumberColumns = Readonly<Record<string, Numbers>>
export type Sources = Readonly<Record<string, NumberColumns>>

/** A line for a person, of a frame or of the page itself. */
export type Notice = Pick<FrameNotice, "text"> & Partial<Pick<FrameNotice, "kind">> & {
  readonly action?: FrameNotice["action"] | PageNotice["action"]
}

export type Header = Common & OfRun

/** A change at a step, by name. */
export type Mark = OfRun["marks"][number]

/** A value beyond the end of an axis: its step, above (1) or below (-1), the value as text. */
export type Spike = OfRun["spikes"][string][number]

/** One run at one moment. */
export interface Part {
  readonly header: Header
  readonly sources: Sources
}

/** The runs of a page at one moment, in the order in which they are shown. */
export type Frame = readonly Part[]

const KINDS = {f4: Float32Array, i4: Int32Array, u1: Uint8Array}

function scaled(raw: ArrayLike<number>, scale: number, shift: number): Float32Array {
  const values = new Float32Array(raw.length)
  for (let i = 0; i < raw.length; i++) values[i] = (raw[i]!) * scale + shift
  return values
}

/** The frame in a message of gandyn/live/frame.py; arrays without a scale are views of the buffer. */
export function decode(buffer: ArrayBuffer): Frame {
  const size = new DataView(buffer).getUint32(0, true)
  const head = JSON.parse(new TextDecoder().decode(new Uint8Array(buffer, 4, size))) as Head
  const {parts, columns, ...common} = head
  const sources: Record<string, Record<string, Numbers>>[] = parts.map(() => ({}))
  for (const [run, source, column, kind, shape, offset, scale, shift] of columns) {
    const length = shape.reduce((product, n) => product * n, 1)
    const raw = new KINDS[kind as keyof typeof KINDS](buffer, 4 + size + offset, length)
    const values = scale === 1 && shift === 0 ? raw : scaled(raw, scale, shift)
    const own = sources[run]!
    own[source] ??= {}
    own[source][column] = {values, shape}
  }
  return parts.map((part, i) => ({header: {...common, ...part}, sources: sources[i]!}))
}

/** Whether two columns hold the same; NaN is NaN. */
export function same(a: ArrayLike<unknown>, b: ArrayLike<unknown> | undefined): boolean {
  if (a === b) return true
  if (a.length !== b?.length) return false
  for (let i = 0; i < a.length; i++) {
    if (a[i] !== b[i] && !(Number.isNaN(a[i]) && Number.isNaN(b[i]))) return false
  }
  return true
}

/** Of all runs the range of each axis, and the changes. */
export function together(frame: Frame): Pick<Header, "axes" | "marks"> {
  const axes: Record<string, readonly [number, number]> = {}
  for (const [name, [start, end]] of frame.flatMap((part) => Object.entries(part.header.axes))) {
    const [low, high] = axes[name] ?? [start, end]
    axes[name] = [Math.min(low, start), Math.max(high, end)]
  }
  const marks = new Map(frame.flatMap((part) => part.header.marks).map((mark) => [mark.join(), mark]))
  return {axes, marks: [...marks.values()].sort(([a], [b]) => a - b)}
}
