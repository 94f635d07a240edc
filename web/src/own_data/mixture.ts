// Gaussians that are put together by hand, as values: each change makes another mixture.

import type {Mixture} from "../messages.ts"
import type {Point} from "./point_text.ts"

export interface Gaussian {
  readonly x: number
  readonly y: number
  readonly sigma: number
  readonly weight: number
}

export const MOST = 64
const [LEAST_SIGMA, MOST_SIGMA, MOST_WEIGHT] = [0.001, 100, 10]
const STEP = 0.05, FINE = 0.2 // of an arrow key, in the stage's tenth; with shift a fifth of it

const tidy = (value: number): number => Number(value.toPrecision(4))
const within = (value: number, low: number, high: number): number => Math.min(high, Math.max(low, value))

export const read = ({x, y, sigmas, weights}: Mixture): Gaussian[] => x.map((_, i) => (
  {x: x[i]!, y: y[i]!, sigma: sigmas[sigmas.length > 1 ? i : 0]!, weight: weights[i] ?? 1}))

export function write(all: readonly Gaussian[]): Mixture {
  const weights = all.map(({weight}) => weight), sigmas = all.map(({sigma}) => sigma)
  const even = (values: readonly number[]) => values.every((value) => value === values[0])
  return {
    x: all.map(({x}) => x), y: all.map(({y}) => y),
    sigmas: even(sigmas) ? sigmas.slice(0, 1) : sigmas,
    weights: even(weights) ? [] : weights,
  }
}

/** The mixture in which one of them is otherwise, within what there may be on a stage of half-width `reach`. */
export function changed(all: readonly Gaussian[], i: number, how: Partial<Gaussian>, reach: number): Gaussian[] {
  return all.map((one, k) => (k === i ? {
    x: tidy(within(how.x ?? one.x, -reach, reach)),
    y: tidy(within(how.y ?? one.y, -reach, reach)),
    sigma: tidy(within(how.sigma ?? one.sigma, LEAST_SIGMA, Math.min(MOST_SIGMA, reach))),
    weight: tidy(within(how.weight ?? one.weight, 0, MOST_WEIGHT)),
  } : one))
}

/** One more, of the size of the others. */
export function added(all: readonly Gaussian[], [x, y]: Point, reach: number): Gaussian[] {
  const sigma = all.at(-1)?.sigma ?? tidy(reach / 15)
  return [...all, {x: tidy(x), y: tidy(y), sigma, weight: 1}]
}

export const removed = (all: readonly Gaussian[], i: number): Gaussian[] => all.filter((_, k) => k !== i)

/** What a key does to one Gaussian: arrows move it, + and - its size, [ and ] its weight; null: nothing. */
export function pressed(one: Gaussian, key: string, fine: boolean, reach: number): Partial<Gaussian> | null {
  const by = STEP * (fine ? FINE : 1), step = by * reach / 3
  switch (key) {
    case "ArrowLeft": return {x: one.x - step}
    case "ArrowRight": return {x: one.x + step}
    case "ArrowUp": return {y: one.y + step}
    case "ArrowDown": return {y: one.y - step}
    case "+": case "=": return {sigma: one.sigma * (1 + 2 * by)}
    case "-": return {sigma: one.sigma / (1 + 2 * by)}
    case "]": return {weight: one.weight + 2 * by}
    case "[": return {weight: one.weight - 2 * by}
    default: return null
  }
}
