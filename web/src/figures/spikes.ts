// Values beyond the end of an axis, each marked at its edge; the value is written where there is room.

import type {Columns, Spike} from "../frames/frame.ts"
import {placeLabels} from "./labels.ts"

const INSIDE = 6 // px from the edge to the middle of a mark
const BESIDE = 7 // px from there to its text

/** The frame of a figure: the steps [low, high] on `width` px, `height` px high; measure(text) is a width in px. */
export interface Room {
  readonly low: number
  readonly high: number
  readonly width: number
  readonly height: number
  readonly measure: (text: string) => number
}

/** Marks of `spikes`, the farthest out first, as columns: heights from 0 to 1, triangles that point out of the axis. */
export function spikeMarks(spikes: readonly Spike[], {low, high, width, height, measure}: Room): Columns {
  const inside = Math.min(0.5, INSIDE / Math.max(1, height))
  const labelled = [1, -1].flatMap((side) => {
    const these = spikes.filter(([, one]) => one === side).toReversed()
    const labels = placeLabels(these.map(([step,, text]) => [step, text]), low, high, width, (text) => measure(text) + BESIDE)
    return labels.map((label) => ({...label, side}))
  })
  const labels = spikes.map(([step, side]) => labelled.find((one) => one.step === step && one.side === side))
  const shape = [spikes.length]
  const numbers = (values: readonly number[]) => ({values: Float32Array.from(values), shape})
  return {
    step: {values: Float64Array.from(spikes, ([step]) => step), shape},
    at: numbers(spikes.map(([, side]) => (side > 0 ? 1 - inside : inside))),
    angle: numbers(spikes.map(([, side]) => (side > 0 ? 0 : Math.PI))),
    text: {values: labels.map((label) => label?.text ?? ""), shape},
    align: {values: labels.map((label) => label?.align ?? "left"), shape},
    offset: numbers(labels.map((label) => (label?.align === "right" ? -BESIDE : BESIDE))),
  }
}
