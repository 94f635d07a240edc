// Made of gandyn/ui/page/messages.py by scripts/web.py: edit it there. A number that is not finite is null.

export type Axis = "gradients" | "steps"

/** Have these views of choice beside the stage, and no others. */
export interface ShowViews {
  readonly type: "show-views"
  readonly names: readonly string[]
}

/** Take this view of choice away. */
export interface CloseView {
  readonly type: "close-view"
}

/** Compute this view of choice anew from the present moment, with these choices by name. */
export interface AdjustView {
  readonly type: "adjust-view"
  readonly chosen: Readonly<Record<string, string>>
}

/** Draw the curves over the steps, or over the gradients that these took. */
export interface ShowAxis {
  readonly type: "show-axis"
  readonly axis: "gradients" | "steps"
}

export type FromPage = ShowViews | ShowAxis

export type FromStudy = CloseView | AdjustView
