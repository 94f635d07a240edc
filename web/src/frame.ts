// One frame of the stream: a header, and typed arrays by source and column. No page is needed here.

export interface Column<T = ArrayLike<number | string>> {
  readonly values: T
  readonly shape: readonly number[]
}

export type Numbers = Column<Float32Array | Int32Array | Uint8Array>
export type Columns = Readonly<Record<string, Column>>
export type NumberColumns = Readonly<Record<string, Numbers>>
export type Sources = Readonly<Record<string, NumberColumns>>

export interface Notice {
  readonly text: string
  readonly action?: string | null
  readonly kind?: string
  readonly id?: number
}

/** Many GANs at once: which is on the stage, and what is known of each. */
export interface Many {
  readonly lane: number
  readonly seeds: readonly number[]
  readonly lost: readonly boolean[]
  readonly flat: boolean
}

/** Where an array lies in the message: its source and column, kind, shape, first byte, and values = raw * scale + shift. */
type Place = readonly [
  source: string, column: string, kind: keyof typeof KINDS, shape: readonly number[], offset: number,
  scale?: number, shift?: number,
]

export interface Header {
  readonly id: number
  readonly step: number
  readonly playing: boolean
  readonly rate: number // steps a second
  readonly time: number // s, by the server's clock
  readonly seed: number | null
  readonly controls: Readonly<Record<string, unknown>>
  readonly window: number // the stage is [-window, window]^2
  readonly notice: Notice | null
  readonly measures: Readonly<Record<string, number | null>> // of the samples on the stage, empty where there are none
  readonly caption: string // what is happening now
  readonly outside?: readonly number[] // samples beyond the stage: left, right, below, above
  readonly series: boolean // whether it brings what changes seldom
  readonly axes: Readonly<Record<string, readonly [start: number, end: number]>>
  readonly marks: readonly Mark[]
  readonly spikes: Readonly<Record<string, readonly Spike[]>> // by axis, the farthest out first
  readonly covered?: readonly (number | null)[]
  readonly map?: {readonly low: number, readonly high: number, readonly mid: number, readonly kind: string}
  readonly many?: Many
  readonly columns: readonly Place[]
}

/** A change at a step, by name. */
export type Mark = readonly [step: number, text: string]

/** A value beyond the end of an axis: its step, above (1) or below (-1), the value as text. */
export type Spike = readonly [step: number, side: number, text: string]

export interface Frame {
  readonly header: Header
  readonly sources: Sources
}

const KINDS = {f4: Float32Array, i4: Int32Array, u1: Uint8Array}

function scaled(raw: ArrayLike<number>, scale: number, shift: number): Float32Array {
  const values = new Float32Array(raw.length)
  for (let i = 0; i < raw.length; i++) values[i] = (raw[i]!) * scale + shift
  return values
}

/** The frame in a message of gandyn/live/frame.py; arrays without a scale are views of the buffer. */
export function decode(buffer: ArrayBuffer): Frame {
  const size = new DataView(buffer).getUint32(0, true)
  const header = JSON.parse(new TextDecoder().decode(new Uint8Array(buffer, 4, size))) as Header
  const sources: Record<string, Record<string, Numbers>> = {}
  for (const [source, column, kind, shape, offset, scale = 1, shift = 0] of header.columns) {
    const length = shape.reduce((product, n) => product * n, 1)
    const raw = new KINDS[kind](buffer, 4 + size + offset, length)
    const values = scale === 1 && shift === 0 ? raw : scaled(raw, scale, shift)
    sources[source] ??= {}
    sources[source][column] = {values, shape}
  }
  return {header, sources}
}

/** Whether two columns hold the same; NaN is NaN. */
export function same(a: ArrayLike<unknown>, b: ArrayLike<unknown> | undefined): boolean {
  if (a.length !== b?.length) return false
  for (let i = 0; i < a.length; i++) {
    if (a[i] !== b[i] && !(Number.isNaN(a[i]) && Number.isNaN(b[i]))) return false
  }
  return true
}
