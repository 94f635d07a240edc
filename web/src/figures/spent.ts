// Curves over the gradients that their steps took: from steps to gradients and back, by the pieces that a frame has of a
// run. Nothing but the horizontal axis changes, and everything on it: a frame is moved as a whole.

import type {NumberColumns, Part, Sources} from "../frames/frame.ts"
import type {OfRun} from "../frames/schema.ts"

/** From a step on, what was spent before it, and what each step takes (gandyn/timeline/spent.py). */
export type Pieces = OfRun["spent"]

/** The piece of the last for which `begins` is at most `value`; the first where there is none. */
function pieceOf(pieces: Pieces, value: number, begins: (piece: Pieces[number]) => number): Pieces[number] {
  let [low, high] = [0, pieces.length]
  while (high - low > 1) {
    const middle = (low + high) >> 1
    if (begins(pieces[middle]!) <= value) low = middle
    else high = middle
  }
  return pieces[low]!
}

/** The gradients that it took up to and with a step. */
export function spentAt(pieces: Pieces, step: number): number {
  const [since, before, each] = pieceOf(pieces, step, ([from]) => from)
  return before + (step - since) * each
}

/** The step up to which it took so many, between two steps as well. */
export function stepAt(pieces: Pieces, spent: number): number {
  const [since, before, each] = pieceOf(pieces, spent, ([, had]) => had)
  return since + (spent - before) / each
}

const STEPS = ["step", "probed"] // the columns that hold steps, wherever they stand

function moved(columns: NumberColumns, pieces: Pieces): NumberColumns {
  const steps = STEPS.flatMap((name) => {
    const column = columns[name]
    return column ? [[name, {...column, values: Float64Array.from(column.values, (step) => spentAt(pieces, step))}]] : []
  })
  return {...columns, ...Object.fromEntries(steps) as NumberColumns}
}

/** The sources of these names over gradients. */
export const sourcesOverGradients = (sources: Sources, pieces: Pieces, names: readonly string[]): Sources =>
  ({...sources, ...Object.fromEntries(names.flatMap((name) => (sources[name] ? [[name, moved(sources[name], pieces)]] : [])))})

/** A run's part of a frame over gradients: the sources of these names, the axis, marks and spikes. */
export function overGradients({header, sources}: Part, names: readonly string[]): Part {
  const {spent, axes, marks, spikes} = header, at = (step: number) => spentAt(spent, step)
  const step = axes.step && [at(axes.step[0]), at(axes.step[1])] as const
  return {
    sources: sourcesOverGradients(sources, spent, names),
    header: {
      ...header, axes: step ? {...axes, step} : axes, marks: marks.map(([when, text]) => [at(when), text]),
      spikes: Object.fromEntries(Object.entries(spikes).map(([axis, those]) =>
        [axis, those.map(([when, side, text]) => [at(when), side, text] as const)])),
    },
  }
}
