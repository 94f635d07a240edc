// Points in the plane as a short text; gandyn/targets/point_text.py says how.

export type Point = readonly [x: number, y: number]

const SIDE = 1023, HALF = 511
const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
const MORE = 32 // is added to a digit that another one follows

function digits(number: number): string {
  let text = "", rest = number
  for (; rest >= MORE; rest = Math.floor(rest / MORE)) text += ALPHABET[rest % MORE + MORE]!
  return text + ALPHABET[rest]!
}

/** Three digits, not below `reach`. */
function roundedUp(reach: number): number {
  const power = 10 ** (Math.floor(Math.log10(reach)) - 2)
  return Number((Math.ceil(reach / power * (1 - 1e-12)) * power).toPrecision(3))
}

/** The text of points around the origin, in cells of the square of half-width `least`, or larger where they need it. */
export function encode(points: readonly Point[], least: number): string {
  const reach = roundedUp(points.reduce((most, [x, y]) => Math.max(most, Math.abs(x), Math.abs(y)), least))
  const cell = (value: number) => Math.round(value / reach * HALF) + HALF
  const numbers = points.map(([x, y]) => cell(y) * SIDE + cell(x)).sort((a, b) => a - b)
  return `0,0,${reach}~${numbers.map((number, i) => digits(number - (numbers[i - 1] ?? 0))).join("")}`
}

/** The points of a text; none of one that is empty. */
export function decode(text: string): Point[] {
  const [head, gaps = ""] = text.split("~")
  const [x = 0, y = 0, reach = 1] = head!.split(",").map(Number)
  const points: Point[] = []
  let number = 0, weight = 1
  for (const digit of gaps) {
    const value = ALPHABET.indexOf(digit)
    number += value % MORE * weight
    weight *= MORE
    if (value >= MORE) continue
    weight = 1
    points.push([x + (number % SIDE - HALF) / HALF * reach, y + (Math.floor(number / SIDE) - HALF) / HALF * reach])
  }
  return points
}
