// Where the names of changes stand above the curves.

import type {Columns, Mark} from "../frames/frame.ts"

export interface Label {
  readonly step: number
  readonly text: string
  readonly align: "left" | "right"
  readonly left: number
  readonly wide: number
}

/**
 * The names of the newest changes, each beside its mark and none over another: those that find no room are left out.
 * `marks`: oldest first; [low, high] spans `width` px; measure(text) is a width in px.
 */
export function placeLabels(
  marks: readonly Mark[], low: number, high: number, width: number, measure: (text: string) => number, most = 6,
): Label[] {
  const placed: Label[] = []
  for (const [step, text] of marks.toReversed().slice(0, most)) {
    const at = (step - low) / (high - low) * width
    const wide = measure(text) + 6
    if (!(at >= 0 && at <= width)) continue
    for (const align of ["left", "right"] as const) {
      const left = align === "left" ? at : at - wide
      const free = placed.every((other) => left + wide <= other.left || left >= other.left + other.wide)
      if (left >= 0 && left + wide <= width && free) {
        placed.push({step, text, align, left, wide})
        break
      }
    }
  }
  return placed
}

/** The labels as the columns of their source. */
export function labelColumns(placed: readonly Label[]): Columns {
  const shape = [placed.length]
  return {
    step: {values: Float64Array.from(placed, (label) => label.step), shape},
    text: {values: placed.map((label) => label.text), shape},
    align: {values: placed.map((label) => label.align), shape},
    offset: {values: Float32Array.from(placed, (label) => (label.align === "left" ? 3 : -3)), shape},
  }
}
