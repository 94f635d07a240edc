// Bokeh paints for every case. These are the cases at hand, at a fraction of the cost; each takes the place of one
// method of one view, and steps aside where its case is not given.

const PHASES = 4 // stamps a pixel, across and down, so that slow dots do not jump from pixel to pixel

// A figure asks the style sheets for the colour of all that it paints, each time; ours wears what its model says.
function plainVisuals(view) {
  for (const visual of view.visuals ?? []) {
    if ("_get_css_value" in visual) visual._get_css_value = () => ""
  }
}

// All dots of a layer look the same, so one is drawn, by Bokeh itself, and then stamped. One image for each phase, not one
// sheet for all: a whole image at a whole pixel is copied, part of one is sampled.
function stamped(glyph) {
  const draw = glyph._paint
  let [key, stamps, cell] = [null, [], 0]

  const make = (ratio, reach) => {
    cell = 2 * Math.ceil(reach * ratio) + 2
    stamps = Array.from({length: PHASES ** 2}, (_, phase) => {
      const canvas = new OffscreenCanvas(cell, cell)
      const ctx = canvas.getContext("2d")
      const [right, down] = [phase % PHASES, Math.floor(phase / PHASES)]
      ctx.setTransform(ratio, 0, 0, ratio, cell / 2 + right / PHASES, cell / 2 + down / PHASES)
      draw.call(glyph, ctx, [0], {sx: [0], sy: [0]})
      return canvas.transferToImageBitmap()
    })
  }

  glyph._paint = (ctx, indices, data) => {
    const visuals = ["size", "angle", "marker", "line_width", "line_color", "line_alpha", "fill_color", "fill_alpha"]
    const alike = visuals.every((name) => glyph[name].is_Scalar?.())
    if (data !== undefined || !alike) return draw.call(glyph, ctx, indices, data)
    const {a: ratio, e: left, f: top} = ctx.getTransform()
    const now = [ratio, ...visuals.map((name) => glyph[name].value)].join()
    if (now !== key) make(ratio, (glyph.size.value + glyph.line_width.value) / 2 + 1)
    key = now
    const {sx, sy} = glyph
    ctx.save()
    ctx.resetTransform()
    for (const i of indices) {
      const x = sx[i] * ratio + left
      const y = sy[i] * ratio + top
      if (!isFinite(x + y)) continue
      const column = Math.floor(x)
      const row = Math.floor(y)
      const phase = Math.floor((x - column) * PHASES) + PHASES * Math.floor((y - row) * PHASES)
      ctx.drawImage(stamps[phase], column - cell / 2, row - cell / 2)
    }
    ctx.restore()
  }
}

// Segments of one colour and width: one path instead of hundreds.
function joinedUp(glyph) {
  const draw = glyph._paint
  glyph._paint = (ctx, indices, data) => {
    const alike = ["line_color", "line_width", "line_alpha"].every((name) => glyph[name].is_Scalar?.())
    if (data !== undefined || !alike || indices.length === 0) return draw.call(glyph, ctx, indices, data)
    const {sx0, sy0, sx1, sy1} = glyph
    ctx.beginPath()
    for (const i of indices) {
      ctx.moveTo(sx0[i], sy0[i])
      ctx.lineTo(sx1[i], sy1[i])
    }
    glyph.visuals.line.apply(ctx, indices[0])
  }
}

// The map is a smooth function seen at a few thousand points: shades between them, no tiles.
function smooth(glyph) {
  const draw = glyph._paint
  glyph._paint = (ctx, indices, data) => {
    const {image_data: images, sx, sy, sdw, sdh} = glyph
    if (data !== undefined || indices.length !== 1 || images[0] === null) return draw.call(glyph, ctx, indices, data)
    ctx.save()
    ctx.imageSmoothingEnabled = true
    ctx.translate(sx[0], sy[0])
    ctx.scale(1, -1)
    ctx.drawImage(images[0], 0, 0, sdw[0], sdh[0])
    ctx.restore()
  }
}

// Bokeh keeps six versions of a glyph (selected, muted, decimated, ...) and an index of places for the pointer. Nothing
// here can be selected or hovered over: only the plain version is prepared, and all of it is painted.
function plainGlyph(renderer) {
  const {glyph} = renderer
  glyph.index_data = () => {}
  glyph._mask_data = null
  renderer.map_data = () => glyph.map_data()
  renderer._update_masked_indices = () => glyph.mask_data()
  renderer.set_data = async (rows) => {
    const source = renderer.model.data_source
    renderer.all_indices = renderer.model.view.indices
    await glyph.set_data(source, renderer.all_indices, rows)
    glyph.set_visuals(source, renderer.all_indices)
    glyph.after_visuals()
    await glyph.after_lazy_visuals()
  }
}

const FAST_GLYPHS = {Scatter: stamped, Segment: joinedUp, Image: smooth}

function useFastGlyphs(figureView) {
  plainVisuals(figureView)
  for (const view of figureView.renderer_views.values()) {
    plainVisuals(view)
    if (!view.glyph) continue
    plainGlyph(view)
    FAST_GLYPHS[view.glyph.model.type]?.(view.glyph)
  }
}
