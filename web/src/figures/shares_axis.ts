// The two axes of the bars.

import type {Frame} from "../frames/frame.ts"

const TOPS = [0.25, 0.5, 1]

/** The spans of the bars' two axes for all runs of a frame, `top` being the present end; none where there are no bars. */
export function sharesAxes(frame: Frame, top: number): Readonly<Record<string, readonly [number, number]>> {
  const runs = frame.flatMap(({sources}) => sources.shares?.share?.values ?? [])
  if (runs.length === 0) return {}
  const weights = frame.flatMap(({sources}) => sources.shares?.weight?.values ?? [])
  const all = [...runs, ...weights].flatMap((one) => Array.from(one))
  return {share: [0, sharesTop(all, top)], mode: [-0.6, Math.max(...runs.map((one) => one.length)) - 0.4]}
}

/** The end of the bars' axis: one of a few, with slack against `top`, the present one, so that it does not follow every frame. */
export function sharesTop(shares: Iterable<number>, top: number): number {
  const most = Math.max(0, ...shares)
  if (most <= top && most >= 0.4 * top) return top
  return TOPS.find((end) => end >= Math.min(1, 1.1 * most)) ?? top
}
