// The theme of the figures, light or dark, and the size of type and strokes, applied to Bokeh's models in place.

import {allTagged, type Figure, type Glyph, type Model, tagged} from "../bokeh/bokeh.ts"

type Kind = "Axis" | "Grid" | "Plot" | "Glyph"
type Values = Record<string, unknown>

/** The tokens of each theme, and what of the figures wears them, as gandyn/ui/page/palette.py has them. */
export interface Palette {
  readonly tokens: Readonly<Record<string, Readonly<Record<string, string>>>>
  readonly theme: Readonly<Partial<Record<Kind, Readonly<Record<string, string>>>>>
  readonly palettes: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>> // of mappers, by their tag
}

const SIZES: Readonly<Record<Kind, readonly string[]>> = {
  Axis: ["major_label_text_font_size", "axis_label_text_font_size"],
  Plot: ["min_border_left", "min_border_right", "min_border_top", "min_border_bottom"],
  Glyph: ["text_font_size", "size", "line_width"],
  Grid: [],
}

/** Bokeh keeps the value that it has where an equal one is set, so objects are compared by what they hold. */
const equal = (a: unknown, b: unknown): boolean => a === b || JSON.stringify(a) === JSON.stringify(b)

const BARE = 6 // px: the margin of a figure without axes

/** A size (a number, "13px", or a glyph's {value: size}) times a factor. */
export function times(size: unknown, factor: number): unknown {
  if (typeof size === "number") return size * factor
  if (typeof size === "string") return `${parseFloat(size) * factor}px`
  if (size && typeof size === "object" && "value" in size) return {...size, value: times(size.value, factor)}
  return size
}

function kindOf(model: Model): Kind {
  if ("renderers" in model.properties) return "Plot"
  if ("axis_label" in model.properties) return "Axis"
  if ("grid_line_color" in model.properties) return "Grid"
  return "Glyph"
}

/** The properties that a tag "TOKEN" or "PROPERTY=TOKEN" gives a colour, each with the token. */
export function wearing(tag: string): [property: string, token: string][] {
  const [name = "", token] = tag.split("=")
  if (token !== undefined) return [[name, token]]
  return ["line_color", "fill_color", "text_color"].map((property) => [property, name])
}

/** The value of a property that the model may not have. */
const property = (model: Model, name: string): unknown =>
  name in model.properties ? (model as unknown as Values)[name] : null

export class FigureTheme {
  private readonly palette: Palette
  private readonly bare = new Map<Figure, readonly Model[]>() // the axes of those that are small
  private readonly plain = new Map<Model, Record<string, {plain: unknown, set: unknown}>>() // sizes as created, as set here

  constructor(palette: Palette) {
    this.palette = palette
  }

  // The sizes of a model, scaled; one that is not as set here was created anew by the server.
  private sizes(model: Model, kind: Kind, scale: number, small: boolean, dots: number): Values {
    const known = this.plain.get(model) ?? {}
    const sizes: Values = {}
    for (const name of SIZES[kind]) {
      const now = property(model, name)
      if (now === null) continue
      const before = known[name]
      const plain = before && equal(now, before.set) ? before.plain : now
      sizes[name] = small && kind === "Plot" ? BARE : times(plain, name === "size" ? scale * dots : scale)
      known[name] = {plain, set: sizes[name]}
    }
    this.plain.set(model, known)
    return sizes
  }

  private colours(model: Model, kind: Kind, tokens: Readonly<Record<string, string>>): Values {
    const themed = Object.entries(this.palette.theme[kind] ?? {}).filter(([, token]) => token in tokens)
    const colours: Values = Object.fromEntries(themed.map(([name, token]) => [name, tokens[token]]))
    for (const [name, token] of allTagged(model, "theme").flatMap(wearing)) {
      const now = property(model, name)
      if (now !== null) colours[name] = typeof now === "string" ? tokens[token] : {value: tokens[token]}
    }
    return colours
  }

  // A figure of few pixels goes without axes, and without margins for them.
  private shrink(figure: Figure, small: boolean): void {
    if (small && !this.bare.has(figure)) {
      this.bare.set(figure, [...figure.left, ...figure.below].filter((axis) => property(axis, "visible")))
    }
    for (const axis of this.bare.get(figure) ?? []) axis.setv({visible: !small}, {sync: false})
    if (!small) this.bare.delete(figure)
  }

  // Colours that a glyph takes from a mapper.
  private mapped(glyph: Glyph, theme: string): void {
    for (const mapper of [glyph.color_mapper, glyph.line_color?.transform]) {
      const palette = mapper && this.palette.palettes[tagged(mapper, "palette") ?? ""]?.[theme]
      if (palette) mapper.setv({palette}, {sync: false})
    }
  }

  /** `small`: figures that have no room for axes; `dots`: how much smaller those of each figure are. */
  apply(
    figures: readonly Figure[], theme: string, scale: number, small: ReadonlySet<Figure>,
    dots: (figure: Figure) => number = () => 1,
  ): void {
    const tokens = this.palette.tokens[theme] ?? {}
    for (const figure of figures) {
      const glyphs = figure.renderers.map((renderer) => renderer.glyph ?? renderer)
      const sides = [figure.left, figure.right, figure.above, figure.below, figure.center].flat()
      for (const model of new Set([figure, ...sides, ...glyphs])) {
        const kind = kindOf(model)
        model.setv({...this.sizes(model, kind, scale, small.has(figure), dots(figure)), ...this.colours(model, kind, tokens)}, {sync: false})
        this.mapped(model, theme)
      }
      this.shrink(figure, small.has(figure))
    }
  }
}
