// Frames into the page's Bokeh models. Only what changed is written, and a figure paints once for all of it.

const STAGE = "view-stage"
const ALWAYS = ["generated", "circles", "shares", "critic", "contours", "midline", "arrows"]
const BANDS = ["bands_covered", "bands_hq", "bands_sw2", "bands_gap"]
const SERIES = ["losses", "gap", "modes", "distance", ...BANDS, "real"]
const OF_ONE_MOMENT = [STAGE, "view-shares"] // painted with every frame: what stands side by side is of one state
const SELDOM = 160 // ms between two paintings of any other figure: nobody reads curves faster

class Figures {
  constructor(document, names, headroom) {
    this.document = document
    this.names = names
    this.headroom = headroom
    this.models = new Map()
    this.views = new Map()
    this.written = new Map()
    this.dirty = new Set()
    this.last = new Map() // when each was painted
    this.reach = new Set() // of the dirty ones, those whose axes have changed
    this.ruler = window.document.createElement("canvas").getContext("2d")
  }

  // Figures are made one after another while the page loads, so a name that is not there yet is asked for again.
  named(name) {
    if (!this.models.has(name)) {
      const model = this.document.get_model_by_name(name)
      if (model === null) return null
      this.models.set(name, model)
    }
    return this.models.get(name)
  }

  view(figure) {
    let view = this.views.get(figure)
    if (view === undefined || view.is_destroyed) {
      view = Bokeh.index.find_one(figure)
      if (view === null) return null
      useFastGlyphs(view)
      this.views.set(figure, view)
    }
    return view
  }

  figures() {
    const all = []
    for (const name of this.names) {
      const figure = this.named(name)
      if (figure !== null) all.push(figure)
    }
    return all
  }

  // Bokeh would paint a figure anew for each source that changes; paused, it waits for paint().
  touch(matches) {
    for (const figure of this.figures()) {
      if (this.dirty.has(figure) || !matches(figure)) continue
      const view = this.view(figure)
      if (view === null) continue
      view.pause()
      this.dirty.add(figure)
    }
  }

  // Columns that the frame lacks are NaN; without any the source is emptied.
  fill(name, columns) {
    const source = this.named(name)
    if (source === null) return
    const before = this.written.get(name) ?? {}
    const names = Object.keys(columns)
    if (names.length === Object.keys(before).length && names.every((n) => same(columns[n].values, before[n]?.values))) return
    this.written.set(name, columns)
    const rows = Object.values(columns).find((column) => column.shape.length === 1)?.values.length ?? 0
    const data = {}
    for (const column of Object.keys(source.data)) {
      const given = columns[column] ?? {values: new Float32Array(rows).fill(NaN), shape: [rows]}
      if (given.shape.length === 2) {
        this.Image ??= source.data[column][0].constructor
        data[column] = [new this.Image(Float32Array.from(given.values), given.shape)]
      } else {
        data[column] = given.values
      }
    }
    this.touch((figure) => figure.renderers.some((renderer) => renderer.data_source === source))
    source.setv({data}, {sync: false})
  }

  span(name, start, end) {
    const range = this.named(`axis-${name}`)
    if (range === null || !(start < end) || (range.start === start && range.end === end)) return
    const spans = (figure) => figure.x_range === range || figure.y_range === range
    this.touch(spans)
    for (const figure of this.figures().filter(spans)) this.reach.add(figure)
    range.setv({start, end}, {sync: false})
  }

  colours(low, high) {
    const mapper = this.named("map-critic")
    if (mapper === null || (mapper.low === low && mapper.high === high)) return
    this.touch((figure) => figure.name === STAGE)
    mapper.setv({low, high}, {sync: false})
  }

  marks(marks) {
    this.fill("marks", {step: {values: Float64Array.from(marks, ([step]) => step), shape: [marks.length]}})
    const labelled = (figure) => figure.renderers.find((renderer) => renderer.data_source?.name === "mark_labels")
    const seen = (figure) => (this.view(figure)?.el.clientWidth ?? 0) > 0
    const figure = this.figures().find((one) => labelled(one) && seen(one))
    if (figure === undefined) return
    const {start, end} = figure.x_range
    const {glyph} = labelled(figure)
    this.ruler.font = `${glyph.text_font_size.value} ${glyph.text_font.value}`
    const labels = placeLabels(marks, start, end, figure.inner_width, (text) => this.ruler.measureText(text).width)
    const column = (values) => ({values, shape: [values.length]})
    this.fill("mark_labels", {
      step: column(Float64Array.from(labels, (label) => label.step)),
      text: column(labels.map((label) => label.text)),
      align: column(labels.map((label) => label.align)),
      offset: column(Float32Array.from(labels, (label) => label.align === "left" ? 3 : -3)),
    })
  }

  // The height of the bars' axis: of a few fixed ones, with slack, so that it does not follow every frame.
  shares(columns) {
    const {mode, share} = columns
    const top = this.named("axis-share")?.end ?? 1
    const most = share.values.reduce((a, b) => Math.max(a, b), 0)
    const next = most > top || most < 0.4 * top ? [0.25, 0.5, 1].find((end) => end >= Math.min(1, 1.1 * most)) : top
    this.span("share", 0, next)
    this.span("mode", -0.6, mode.values.length - 0.4)
  }

  // Frames bring series only now and then; without them the axes along the steps stay as they are. What a frame should
  // have brought and has not does not exist any more, the modes of the last target for example.
  write({header, sources}) {
    for (const name of header.series ? [...ALWAYS, ...SERIES] : ALWAYS) this.fill(name, sources[name] ?? {})
    if (header.map) this.colours(header.map.low, header.map.high)
    this.span("x", -header.window, header.window)
    this.span("y", -header.window, header.window)
    if (sources.shares) this.shares(sources.shares)
    if (!header.series) return
    for (const [name, [start, end]] of Object.entries(header.axes)) {
      this.span(name, start, name === "modes" ? this.headroom * end : end)
    }
    this.marks(header.marks)
  }

  layers(visible) {
    for (const figure of this.figures()) {
      for (const renderer of figure.renderers) {
        const layer = renderer.tags.find((tag) => tag.startsWith("layer-"))
        if (layer) renderer.setv({visible: visible.includes(layer.slice(6))}, {sync: false})
      }
    }
  }

  // What is of one moment, then one of the others that is due, so that no frame waits for all of them. Returns the ms until
  // the next is due; null if nothing is left to paint.
  paint() {
    const now = performance.now()
    const due = (figure) => OF_ONE_MOMENT.includes(figure.name) ? 0 : (this.last.get(figure) ?? -SELDOM) + SELDOM - now
    const queue = [...this.dirty].sort((a, b) => due(a) - due(b))
    const moment = queue.filter((figure) => OF_ONE_MOMENT.includes(figure.name))
    const other = queue.find((figure) => !moment.includes(figure))
    for (const figure of moment) this.put(figure)
    if (other && due(other) <= 0) this.put(other)
    const left = [...this.dirty].map(due)
    return left.length > 0 ? Math.max(0, Math.min(...left)) : null
  }

  put(figure) {
    this.dirty.delete(figure)
    this.last.set(figure, performance.now())
    const view = this.view(figure)
    if (view === null) return
    view.unpause(true)
    view.invalidate_dataranges = false // none of our ranges follows its data
    // repaint() measures all labels first, to see whether the margins still do; they can only have changed with an axis.
    if (this.reach.delete(figure)) view.repaint()
    else view.paint()
  }
}
