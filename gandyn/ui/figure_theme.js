// The theme of the figures, light or dark, and the size of type and strokes, applied to Bokeh's models in place.

const SIZES = {
  Axis: ["major_label_text_font_size", "axis_label_text_font_size"],
  Plot: ["min_border_left", "min_border_right", "min_border_top", "min_border_bottom"],
  Glyph: ["text_font_size", "size", "line_width"],
}

function times(value, scale) {
  if (typeof value === "number") return value * scale
  if (typeof value === "string") return `${parseFloat(value) * scale}px`
  return value && "value" in value ? {...value, value: times(value.value, scale)} : value
}

class FigureTheme {
  constructor(palette) {
    this.palette = palette
    this.plain = new Map() // model -> its sizes as created, and as set here
  }

  kind(model) {
    if ("renderers" in model.properties) return "Plot"
    if ("axis_label" in model.properties) return "Axis"
    if ("grid_line_color" in model.properties) return "Grid"
    return "Glyph"
  }

  // The sizes of a model, scaled; one that is not as set here was created anew by the server.
  sizes(model, kind, scale) {
    const known = this.plain.get(model) ?? {}
    const sizes = {}
    for (const name of SIZES[kind] ?? []) {
      if (!(name in model.properties) || model[name] === null) continue
      const plain = known[name] && model[name] === known[name].put ? known[name].plain : model[name]
      sizes[name] = times(plain, scale)
      known[name] = {plain, put: sizes[name]}
    }
    this.plain.set(model, known)
    return sizes
  }

  colours(model, kind, tokens) {
    const themed = Object.entries(this.palette.theme[kind] ?? {}).filter(([, token]) => token in tokens)
    const colours = Object.fromEntries(themed.map(([name, token]) => [name, tokens[token]]))
    const token = model.tags.find((tag) => tag.startsWith?.("theme-"))?.slice(6)
    for (const name of ["line_color", "fill_color", "text_color"]) {
      if (token && name in model.properties && model[name] !== null) {
        colours[name] = typeof model[name] === "string" ? tokens[token] : {value: tokens[token]}
      }
    }
    return colours
  }

  apply(figures, theme, scale) {
    window.document.documentElement.dataset.gandynTheme = theme
    const tokens = this.palette.tokens[theme]
    for (const figure of figures) {
      const glyphs = figure.renderers.map((renderer) => renderer.glyph ?? renderer)
      const sides = ["left", "right", "above", "below", "center"].flatMap((side) => figure[side])
      for (const model of new Set([figure, ...sides, ...glyphs])) {
        const kind = this.kind(model)
        model.setv({...this.sizes(model, kind, scale), ...this.colours(model, kind, tokens)}, {sync: false})
      }
    }
  }
}
