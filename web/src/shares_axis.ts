const TOPS = [0.25, 0.5, 1]

/** The end of the bars' axis: one of a few, with slack against `top`, the present one, so that it does not follow every frame. */
export function sharesTop(shares: Iterable<number>, top: number): number {
  const most = Math.max(0, ...shares)
  if (most <= top && most >= 0.4 * top) return top
  return TOPS.find((end) => end >= Math.min(1, 1.1 * most)) ?? top
}
