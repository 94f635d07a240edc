// Light or dark, and the size of type and strokes: the figures change clothes where they stand.

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

class Wardrobe {
  constructor(palette) {
    this.palette = palette
    this.plain = new Map() // model -> its sizes as they were made, and as they were put
  }

  kind(model) {
    if ("renderers" in model.properties) return "Plot"
    if ("axis_label" in model.properties) return "Axis"
    if ("grid_line_color" in model.properties) return "Grid"
    return "Glyph"
  }

  // Of the sizes that a model was made with; one that is not as it was put was made anew by the server.
  sizes(model, kind, scale) {
    const known = this.plain.get(model) ?? {}
    const found = {}
    for (const name of SIZES[kind] ?? []) {
      if (!(name in model.properties) || model[name] === null) continue
      const plain = known[name] && model[name] === known[name].put ? known[name].plain : model[name]
      found[name] = times(plain, scale)
      known[name] = {plain, put: found[name]}
    }
    this.plain.set(model, known)
    return found
  }

  colours(model, kind, tokens) {
    const worn = Object.entries(this.palette.dress[kind] ?? {}).filter(([, token]) => token in tokens)
    const found = Object.fromEntries(worn.map(([name, token]) => [name, tokens[token]]))
    const token = model.tags.find((tag) => tag.startsWith?.("dress-"))?.slice(6)
    for (const name of ["line_color", "fill_color", "text_color"]) {
      if (token && name in model.properties && model[name] !== null) {
        found[name] = typeof model[name] === "string" ? tokens[token] : {value: tokens[token]}
      }
    }
    return found
  }

  put(figures, theme, scale) {
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
