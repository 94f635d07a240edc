// Made of gandyn/live/schema.py by scripts/web.py: edit it there. A number that is not finite is null.

export type Action = "reset" | "rewind" | "undo"

/** One line for a person: what happened, and what may be done about it. */
export interface Notice {
  readonly kind: string
  readonly text: string
  readonly action: "reset" | "rewind" | "undo" | null
}

/** The steps of a branch, from where it leaves the present one. */
export interface Branch {
  readonly start: number
  readonly stop: number
  readonly label: string
}

/** The past of a run, as the bar under the stage shows it. */
export interface Past {
  readonly start: number
  readonly stop: number
  readonly events: readonly (readonly [number, string])[]
  readonly line: number
  readonly lines: readonly Branch[]
  readonly kept: readonly [number, number]
}

/** The scale of the critic's map. */
export interface MapScale {
  readonly low: number
  readonly high: number
  readonly mid: number
  readonly kind: string
}

/** Many GANs at once: which is on the stage, and what is known of each. */
export interface Many {
  readonly lane: number
  readonly seeds: readonly number[]
  readonly lost: readonly boolean[]
  readonly flat: boolean
}

/** What a view of choice says beside its columns. */
export interface StudyHead {
  readonly step: number
  readonly numbers: Readonly<Record<string, number | string | null>>
  readonly problem: string
}

/** What a frame says of one run. */
export interface OfRun {
  readonly timeline: string
  readonly step: number
  readonly seed: number
  readonly preset: string
  readonly device: string
  readonly controls: Readonly<Record<string, unknown>>
  readonly window: number
  readonly measures: Readonly<Record<string, number | null>>
  readonly caption: string
  readonly notice: Notice | null
  readonly differs: string
  readonly axes: Readonly<Record<string, readonly [number, number]>>
  readonly marks: readonly (readonly [number, string])[]
  readonly spikes: Readonly<Record<string, readonly (readonly [number, number, string])[]>>
  readonly spent: readonly (readonly [number, number, number])[]
  readonly gap_k: number
  readonly past: Past
  readonly outside?: readonly number[]
  readonly map?: MapScale
  readonly many?: Many
  readonly cause?: string
  readonly cause_view?: string
  readonly covered?: readonly (number | null)[]
  readonly studies?: Readonly<Record<string, StudyHead>>
}

/** What a frame says of all its runs. */
export interface Common {
  readonly id: number
  readonly stamp: number
  readonly time: number
  readonly playing: boolean
  readonly rate: number
  readonly seeking: number | null
  readonly series: boolean
}

/** The header of a message. */
export interface Head extends Common {
  readonly parts: readonly OfRun[]
  readonly columns: readonly (readonly [number, string, string, string, readonly number[], number, number, number])[]
}
