// The words on the stage: the number of each mode beside its circle, and how many samples lie beyond its edges.

import type {Columns, NumberColumns} from "../frames/frame.ts"
import {thousands} from "../page/numbers.ts"

const MOST = 30 // modes: more numbers than that nobody reads
const BESIDE = 0.8 // of the size of type, from the rim of a circle to the middle of its number
const MARGIN = 1.6 // of the size of type, from that rim to the edge of the stage at least: room for the number
const SMALL = 160 // px: on a stage below that there are no numbers, which would cover it
const WORDY = 380 // px: on a smaller stage the number stands alone

/** Where a side has its words: a corner of [-1, 1]^2, since modes stand along the middle of a side. */
const SIDES = [
  {x: -1, y: 1, align: "left", baseline: "top", write: (text: string) => `◂ ${text}`},
  {x: 1, y: -1, align: "right", baseline: "bottom", write: (text: string) => `${text} ▸`},
  {x: -1, y: -1, align: "left", baseline: "bottom", write: (text: string) => `▾ ${text}`},
  {x: 1, y: 1, align: "right", baseline: "top", write: (text: string) => `▴ ${text}`},
] as const

const column = <T>(values: readonly T[]) => ({values, shape: [values.length]})
const numbers = (values: readonly number[]) => ({values: Float32Array.from(values), shape: [values.length]})

/** The way from a mode to its number, of length 1: away from the middle of all, upwards where they lie on a line. */
function away(x: number, y: number, middle: readonly [number, number], radius: number, flat: boolean): [number, number] {
  if (flat) return [0, 1]
  const [dx, dy] = [x - middle[0], y - middle[1]], far = Math.hypot(dx, dy)
  return far > radius ? [dx / far, dy / far] : [Math.SQRT1_2, Math.SQRT1_2]
}

/**
 * Numbers beside the circles {x, y, radius}, as the bars count the modes: a point on each rim, and an offset in px.
 * `window`: the stage is [-window, window]^2, on `width` px; `size` of the type in px. None where there are too many, or no room.
 */
export function modeNumbers({x, y, radius}: NumberColumns, window: number, width: number, size: number): Columns {
  const count = x?.values.length ?? 0
  if (!x || !y || !radius || count > MOST || !(width >= SMALL)) return {}
  const mean = ({values}: {values: ArrayLike<number>}) => Array.from(values).reduce((a, b) => a + b, 0) / count
  const middle = [mean(x), mean(y)] as const, flat = Array.from(y.values).every((one) => one === y.values[0])
  const rim: [number, number][] = [], offset: [number, number][] = []
  const reach = window - MARGIN * size * (2 * window / width)
  for (let i = 0; i < count; i++) {
    const [cx, cy, r] = [x.values[i]!, y.values[i]!, radius.values[i]!]
    let [u, v] = away(cx, cy, middle, r, flat)
    if (Math.abs(cx + u * r) > reach) u = -u
    if (Math.abs(cy + v * r) > reach) v = -v
    rim.push([cx + u * r, cy + v * r])
    offset.push([BESIDE * size * u, -BESIDE * size * v])
  }
  return {
    x: numbers(rim.map(([one]) => one)), y: numbers(rim.map(([, one]) => one)),
    dx: numbers(offset.map(([one]) => one)), dy: numbers(offset.map(([, one]) => one)),
    text: column(rim.map((_, i) => String(i))),
  }
}

/** How many samples are beyond each edge, `outside`: left, right, below, above; nothing where there are none. */
export function outsideWords(outside: readonly number[], window: number, width: number): Columns {
  const sides = SIDES.flatMap((side, i) => (outside[i] ? [{...side, count: outside[i]}] : []))
  const words = (count: number) => (width < WORDY ? thousands(count) : `${thousands(count)} outside`)
  return {
    x: numbers(sides.map(({x}) => x * window)), y: numbers(sides.map(({y}) => y * window)),
    text: column(sides.map(({write, count}) => write(words(count)))),
    align: column(sides.map(({align}) => align)), baseline: column(sides.map(({baseline}) => baseline)),
  }
}
