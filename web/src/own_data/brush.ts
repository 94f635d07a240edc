// A brush and an eraser for points in the plane: what a stroke leaves, and what it takes away.

import type {Point} from "./point_text.ts"

const DENSITY = 4000 // points on a stage that is painted all over

/** The square of the distance of a point from the segment between two. */
function apart([x, y]: Point, [ax, ay]: Point, [bx, by]: Point): number {
  const [dx, dy] = [bx - ax, by - ay]
  const length = dx * dx + dy * dy
  const at = length ? Math.min(1, Math.max(0, ((x - ax) * dx + (y - ay) * dy) / length)) : 0
  return (x - ax - at * dx) ** 2 + (y - ay - at * dy) ** 2
}

/**
 * The points that a round brush leaves on its way between two places, on a stage of half-width `reach`: as dense for
 * each width, even over the disc. `random`: on [0, 1). A brush that is put down leaves a disc (`from` is `to`).
 */
export function painted(from: Point, to: Point, radius: number, reach: number, random: () => number): Point[] {
  const length = Math.hypot(to[0] - from[0], to[1] - from[1])
  const area = length ? 2 * radius * length : Math.PI * radius ** 2
  const count = Math.floor(area * DENSITY / (2 * reach) ** 2 + random()) || (length ? 0 : 1)
  return Array.from({length: count}, () => {
    const along = random(), angle = 2 * Math.PI * random(), off = radius * Math.sqrt(random())
    const x = from[0] + along * (to[0] - from[0]) + off * Math.cos(angle)
    const y = from[1] + along * (to[1] - from[1]) + off * Math.sin(angle)
    return [Math.min(reach, Math.max(-reach, x)), Math.min(reach, Math.max(-reach, y))] as const
  })
}

/** Those that a round eraser leaves on its way between two places. */
export const erased = (points: readonly Point[], from: Point, to: Point, radius: number): Point[] =>
  points.filter((point) => apart(point, from, to) > radius ** 2)
