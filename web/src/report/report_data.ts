// What a report holds: its frames as the stream would have sent them, and what is said beside them.

import {letter} from "../compare/letter.ts"
import {decode, type Frame, type NumberColumns} from "../frames/frame.ts"
import type {Axis} from "../page/messages.ts"
import {written} from "../page/numbers.ts"

export interface RunData {
  readonly differs: string
  readonly engine: string
  readonly seeds: readonly number[]
  readonly controls: Readonly<Record<string, unknown>>
  readonly changed: readonly string[] // those that are not the preset's
  readonly events: readonly {readonly step: number, readonly controls: Readonly<Record<string, unknown>>}[]
}

export interface Data {
  readonly preset: string
  readonly summary: string
  readonly note: string
  readonly cite: string
  readonly flat: boolean
  readonly axis: Axis // what the curves are drawn over
  readonly versions: Readonly<Record<string, string>>
  readonly runs: readonly RunData[]
  readonly steps: readonly number[]
  readonly frames: readonly string[] // zlib streams in base64
  readonly palettes: Readonly<Record<"light" | "dark", string>> // of the map, six hexadecimal digits a colour
  readonly dashes: readonly string[]
}

/** The message in a text. */
export async function unpack(text: string): Promise<ArrayBuffer> {
  const packed = Uint8Array.from(atob(text), (sign) => sign.charCodeAt(0))
  const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream("deflate"))
  return await new Response(stream).arrayBuffer()
}

/** The frames, each with the real samples of its runs, which are brought only when they change. */
export class Frames {
  private readonly messages: ArrayBuffer[]
  private readonly real: NumberColumns[][] = []

  constructor(messages: ArrayBuffer[]) {
    this.messages = messages
    let known: NumberColumns[] = []
    for (const message of messages) {
      known = decode(message).map(({sources}, run) => sources.real ?? known[run] ?? {})
      this.real.push(known)
    }
  }

  frame(i: number): Frame {
    return decode(this.messages[i]!)
  }

  realOf(i: number): readonly NumberColumns[] {
    return this.real[i]!
  }
}

/** The changes of all runs by step, in words; before one that not all have had stand the runs that have. */
export function eventsOf(runs: readonly RunData[]): {step: number, words: string}[] {
  const merged = new Map<string, {step: number, words: string, places: number[]}>()
  for (const [place, {events}] of runs.entries()) {
    for (const {step, controls} of events) {
      const words = Object.entries(controls).map(([name, value]) => `${name} ${written(value)}`).join(", ")
      const key = `${step} ${words}`, known = merged.get(key) ?? {step, words, places: []}
      known.places.push(place)
      merged.set(key, known)
    }
  }
  return [...merged.values()].sort((a, b) => a.step - b.step).map(({step, words, places}) => ({
    step, words: places.length === runs.length ? words : `${places.map(letter).join(", ")}: ${words}`,
  }))
}

/** "114155..." as colours. */
export const coloursOf = (palette: string): [number, number, number][] =>
  (palette.match(/.{6}/g) ?? []).map((hex) => [0, 2, 4].map((i) => parseInt(hex.slice(i, i + 2), 16)) as [number, number, number])
