// Numbers as people read and write them.

/** A number without loss: 0.001, 2e-4, 1000000; anything else as text, nothing as "". */
export function written(value: unknown): string {
  if (typeof value === "string" || typeof value === "boolean") return String(value)
  if (typeof value !== "number") return ""
  const size = Math.abs(value)
  return isFinite(value) && size && (size < 1e-3 || size >= 1e16) ? value.toExponential() : String(value)
}

/** The number that a text stands for, a decimal comma included; null: none. */
export function read(text: string): number | null {
  const plain = text.trim().replace(/^([^,.]*),([^,.]*)$/, "$1.$2").replace(/\u2212/g, "-")
  const value = Number(plain)
  return plain && isFinite(value) ? value : null
}

export const thousands = (n: number): string => Math.round(n).toLocaleString("en-US")

/** At the ends of a colour bar: three digits, few enough to stand still, and a power of ten from 100,000 on. */
export function digits(value: number): string {
  const size = Math.abs(value)
  if (size >= 1e5 && isFinite(size)) {
    const [head = "", power = ""] = value.toExponential(1).split("e+")
    return `${head.replace("-", "−")}·10${power.replace(/\d/g, (c) => "⁰¹²³⁴⁵⁶⁷⁸⁹"[Number(c)]!)}`
  }
  const text = size >= 100 ? value.toFixed(0) : size >= 10 ? value.toFixed(1) : value.toFixed(2)
  return text.replace("-", "−")
}

export const clamp = (value: number, low: number, high: number): number => Math.min(Math.max(value, low), high)

/** Where a value lies among rising stops, from 0 to 1; between two stops in proportion. */
export function place(stops: readonly number[], value: number): number {
  const last = stops.length - 1
  if (last < 1) return 0
  const exact = stops.indexOf(value)
  if (exact >= 0) return exact / last
  const above = stops.findIndex((stop) => stop > value)
  if (above <= 0) return above ? 1 : 0
  const [a, b] = [stops[above - 1]!, stops[above]!]
  return (above - 1 + (value - a) / (b - a)) / last
}

/** The stop that is `by` stops from a value; from between two stops the next one on that side is the first. */
export function beside(stops: readonly number[], value: number, by: number): number {
  const at = place(stops, value) * (stops.length - 1)
  const start = by > 0 ? Math.floor(at + 1e-9) : Math.ceil(at - 1e-9)
  return stops[clamp(start + by, 0, stops.length - 1)]!
}

/** The place of the step nearest to `step` among rising ones; -1 where there is none. */
export function nearest(steps: ArrayLike<number>, step: number): number {
  let [low, high] = [0, steps.length - 1]
  if (high < 0) return -1
  while (high - low > 1) {
    const middle = (low + high) >> 1
    if (steps[middle]! <= step) low = middle
    else high = middle
  }
  return Math.abs(steps[low]! - step) <= Math.abs(steps[high]! - step) ? low : high
}
