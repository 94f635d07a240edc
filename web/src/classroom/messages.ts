// Made of gandyn/ui/classroom/messages.py by scripts/web.py: edit it there. A number that is not finite is null.

/** Let a rule be for a control in everybody's own run, or not. */
export interface Fix {
  readonly type: "fix"
  readonly rule: "hidden" | "locked" | "preset"
  readonly control: string
  readonly on: boolean
}

/** Have every own run stand still at this step; null: release them. */
export interface StopAll {
  readonly type: "stop-all"
  readonly step: number | null
}

/** Make every own run a branch of the class's present moment. */
export interface Push {
  readonly type: "push"
}

/** Give everybody a GAN of their own, with a value of this knob; no knob: end it. */
export interface Sweep {
  readonly type: "sweep"
  readonly control: string
  readonly low: number
  readonly high: number
}

/** Another value of the knob that this page holds in a sweep. */
export interface HoldKnob {
  readonly type: "hold-knob"
  readonly value: number
}

/** How somebody wants to be called. */
export interface Name {
  readonly type: "name"
  readonly name: string
}

export type FromTeacher = Fix | StopAll | Push | Sweep

export type FromClass = HoldKnob | Name
