// Where the frame of a figure is in the window: the part with the curves, within the margins.

import type {Figure} from "../bokeh/bokeh.ts"

/** A rectangle in px of the window. */
export interface Frame {
  readonly left: number
  readonly top: number
  readonly width: number
  readonly height: number
}

/** `node`: the element of the figure's view. */
export function frameOf(figure: Figure, node: Element): Frame {
  const {right, top} = node.getBoundingClientRect(), {inner_width: width, inner_height: height} = figure
  return {left: right - figure.min_border_right - width, top: top + figure.min_border_top, width, height}
}
