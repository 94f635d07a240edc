// What a person can slide in a view of choice: columns on their way to others, and what follows from where they are.

import type {NumberColumns, Numbers} from "../frames/frame.ts"
import type {StudyHead} from "../frames/schema.ts"
import {assignment} from "./assignment.ts"

/** A slider of a view, as it declares it (Slide in gandyn/ui/studies). */
export interface DeclaredSlide {
  readonly label: string
  readonly ends: readonly [string, string]
  readonly begin: number // where it stands at first
  readonly home: number // where the columns are as they were found: 0 or 1
  readonly blend: Readonly<Record<string, string>> // of a column the one that it is at the other end
  readonly then: string // what follows
  readonly grip: readonly [x: readonly string[], y: readonly string[]] // columns that are dragged in the figure
}

/** By how much something is dragged, in units of the axes. */
export type Way = readonly [x: number, y: number]

type StudyNumbers = StudyHead["numbers"]

/** What is drawn and said where the slider stands at t. */
export interface Slid {
  readonly columns: NumberColumns
  readonly numbers: StudyNumbers
}

const plain = (values: Float32Array): Numbers => ({values, shape: [values.length]})

function between({values: a}: Numbers, {values: b}: Numbers, share: number): Numbers {
  return plain(Float32Array.from(a, (value, i) => value + share * (b[i]! - value)))
}

/** The columns and numbers of a view whose slider stands at t in [0, 1], and whose grip was dragged that way. */
export function slid(slide: DeclaredSlide, columns: NumberColumns, numbers: StudyNumbers, t: number, way: Way = [0, 0]): Slid {
  const share = Math.abs(t - slide.home)
  if (share === 0 && way[0] === 0 && way[1] === 0) return {columns, numbers}
  const moved: Record<string, Numbers> = {...columns}
  for (const [name, other] of Object.entries(slide.blend)) {
    if (columns[name] && columns[other]) moved[name] = between(columns[name], columns[other], share)
  }
  for (const [axis, names] of slide.grip.entries()) {
    for (const name of names) if (moved[name]) moved[name] = plain(Float32Array.from(moved[name].values, (value) => value + way[axis]!))
  }
  return THEN[slide.then]?.(moved, numbers) ?? {columns: moved, numbers}
}

const LEAST = 1e-12 // a share of a cell below which there is nothing in it

/** The Jensen-Shannon divergence in nats of the shares p of a square grid's cells, the last of which is the outside,
 * and the points: as `js_grid` in gandyn/probes/sample_measures/likelihood.py has it. */
export function divergence(p: ArrayLike<number>, x: ArrayLike<number>, y: ArrayLike<number>, window: number, side: number): number {
  const q = new Float64Array(p.length), flat = p.length === side + 1
  const cell = (value: number) => Math.floor((value / window + 1) / 2 * side)
  const inside = (i: number) => i >= 0 && i < side
  for (let i = 0; i < x.length; i++) {
    const a = cell(x[i]!), b = flat ? 0 : cell(y[i]!)
    q[inside(a) && inside(b) ? (flat ? a : a * side + b) : p.length - 1]! += 1 / x.length
  }
  let sum = 0
  for (let i = 0; i < p.length; i++) {
    const middle = (p[i]! + q[i]!) / 2
    for (const one of [p[i]!, q[i]!]) if (one > LEAST) sum += one * Math.log(one / middle) / 2
  }
  return Math.max(0, sum)
}

// Optimal transport: who goes where from there, how far that is, and what the Jensen-Shannon divergence says of it.
function paired(columns: NumberColumns, numbers: StudyNumbers): Slid {
  const [fx, fy, rx, ry, p, cx, cy] =
    ["fake_x", "fake_y", "real_x", "real_y", "cell_p", "cloud_x", "cloud_y"].map((name) => columns[name]?.values)
  if (!fx || !fy || !rx || !ry || !p || !cx || !cy) return {columns, numbers}
  const cost = Array.from(fx, (x, i) => Float64Array.from(rx, (to, j) => Math.hypot(to - x, ry[j]! - fy[i]!)))
  const partner = assignment(cost)
  const w1 = partner.reduce((sum, j, i) => sum + cost[i]![j]!, 0) / partner.length
  return {
    columns: {
      ...columns, real_x: plain(Float32Array.from(partner, (j) => rx[j]!)), real_y: plain(Float32Array.from(partner, (j) => ry[j]!)),
    },
    numbers: {...numbers, w1, js: divergence(p, cx, cy, Number(numbers.window), Number(numbers.cells))},
  }
}

const THEN: Readonly<Record<string, (columns: NumberColumns, numbers: StudyNumbers) => Slid>> = {paired}
