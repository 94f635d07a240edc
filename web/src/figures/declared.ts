// What the page is told of the figures, and how their models are named.

import type {DeclaredStudy} from "../studies/study_columns.ts"
import type {Read} from "./hover.ts"

/** What the views have declared (gandyn/ui/views): the sources that every frame brings and that it brings with the
 * series, and the figures, live where they paint what every frame brings. */
export interface Declared {
  readonly each: readonly string[]
  readonly seldom: readonly string[]
  readonly figures: readonly {readonly name: string, readonly live: boolean, readonly apart: boolean, readonly reads: readonly Read[],
  }[]
  readonly studies: readonly DeclaredStudy[]
}

/** The names of the models of the second run of a comparison end with @2: the first has the plain ones. */
export const at = (name: string, place: number): string => (place ? `${name}@${place + 1}` : name)
