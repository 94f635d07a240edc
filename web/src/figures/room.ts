// How much room the words in a figure have, and how much they take.

import type {Figure, Glyph} from "../bokeh/bokeh.ts"
import type {Room} from "./spikes.ts"

const ruler = document.createElement("canvas").getContext("2d")!

/** The width of a text in px. */
export function wide(text: string, font: string): number {
  ruler.font = font
  return ruler.measureText(text).width
}

/** A figure, and what it draws somewhere. */
export interface Drawing {
  readonly figure: Figure
  readonly glyph: Glyph | undefined
}

/** The frame of a figure, for words in the font of its glyph. */
export function roomOf({figure, glyph}: Drawing): Room {
  const font = `${glyph?.text_font_size?.value ?? ""} ${glyph?.text_font?.value ?? ""}`
  const {x_range: {start: low, end: high}, inner_width: width, inner_height: height} = figure
  return {low, high, width, height, measure: (text) => wide(text, font)}
}
