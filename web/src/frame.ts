// One frame of the stream: of every run a header, and typed arrays by source and column. No page is needed here.

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

/** Where an array lies in the message: the number of its run, its source and column, kind, shape, first byte, and
 * values = raw * scale + shift. */
type Place = readonly [
  run: number, source: string, column: string, kind: keyof typeof KINDS, shape: readonly number[], offset: number,
  scale?: number, shift?: number,
]

/** What a frame says of all its runs. */
interface Common {
  readonly id: number
  readonly playing: boolean
  readonly rate: number // steps a second
  readonly time: number // s, by the server's clock
  readonly seeking?: number | null // the step that is looked for, until it is there
  readonly series: boolean // whether it brings what changes seldom
}

/** What a frame says of a run. */
interface OfRun {
  readonly timeline: string // its id
  readonly step: number
  readonly preset?: string
  readonly seed: number | null
  readonly controls: Readonly<Record<string, unknown>>
  readonly window: number // the stage is [-window, window]^2
  readonly notice: Notice | null
  readonly differs: string // in what from the first run, in words
  readonly measures: Readonly<Record<string, number | null>> // of the samples on the stage, empty where there are none
  readonly caption: string // what is happening now
  readonly outside?: readonly number[] // samples beyond the stage: left, right, below, above
  readonly axes: Readonly<Record<string, readonly [start: number, end: number]>>
  readonly marks: readonly Mark[]
  readonly covered?: readonly (number | null)[]
  readonly map?: {readonly low: number, readonly high: number, readonly mid: number, readonly kind: string}
  readonly many?: Many
  readonly past?: Past
}

export type Header = Common & OfRun
type Head = Common & {readonly parts: readonly OfRun[], readonly columns: readonly Place[]}

/** The steps of a branch, from where it leaves the present one; `label`: what was done there. */
export interface Branch {
  readonly start: number
  readonly stop: number
  readonly label: string
}

/** The past of a run, as the bar under the stage shows it. */
export interface Past {
  readonly start: number // the first step
  readonly stop: number // the last that was made on this line
  readonly events: readonly Mark[]
  readonly line: number // on which it stands, a number in `lines`
  readonly lines: readonly Branch[]
  readonly kept: readonly [used: number, budget: number] // MB
}

/** A change at a step, by name. */
export type Mark = readonly [step: number, text: string]

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
  for (const [run, source, column, kind, shape, offset, scale = 1, shift = 0] of columns) {
    const length = shape.reduce((product, n) => product * n, 1)
    const raw = new KINDS[kind](buffer, 4 + size + offset, length)
    const values = scale === 1 && shift === 0 ? raw : scaled(raw, scale, shift)
    const own = sources[run]!
    own[source] ??= {}
    own[source][column] = {values, shape}
  }
  return parts.map((part, i) => ({header: {...common, ...part}, sources: sources[i]!}))
}

/** Whether two columns hold the same; NaN is NaN. */
export function same(a: ArrayLike<unknown>, b: ArrayLike<unknown> | undefined): boolean {
  if (a.length !== b?.length) return false
  for (let i = 0; i < a.length; i++) {
    if (a[i] !== b[i] && !(Number.isNaN(a[i]) && Number.isNaN(b[i]))) return false
  }
  return true
}
