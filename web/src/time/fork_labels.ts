// Where the names of branches stand along the bar of time.

/** The bar of a branch, from `left` to `right`, and how wide its name is: px. */
export interface Fork {
  readonly left: number
  readonly right: number
  readonly wide: number
}

/**
 * The left end of each name, null where there is no room: behind the end of its bar, else before its start, else upon it,
 * and none over another. The last of `forks` are the newest and come first; the whole is `width` px.
 */
export function placeForkLabels(forks: readonly Fork[], width: number): (number | null)[] {
  const occupied: (readonly [number, number])[] = []
  const placed = forks.toReversed().map(({left, right, wide}) => {
    if (!wide) return null
    const within = Math.max(0, Math.min(left, width - wide))
    const at = [right, left - wide, within, Math.max(0, right - wide)].find((x) =>
      x >= 0 && x + wide <= width && occupied.every(([low, high]) => x + wide <= low || x >= high))
    if (at !== undefined) occupied.push([at, at + wide])
    return at ?? null
  })
  return placed.toReversed()
}
