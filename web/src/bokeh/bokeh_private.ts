// The inner parts of BokehJS that the page leans on, all of them, each with its reason. Everything else speaks to
// Bokeh by what it documents. A test compares the installed version with the one below: after an update, go through
// this file with Bokeh's sources beside it.

import type {BokehDocument, ConnectionEvent, Figure, FigureView, Model, Source} from "./bokeh.ts"

/** The minor version of Bokeh whose sources this was written by. */
export const BOKEH = "3.9"

/** A visual property for all points of a glyph: the same for all, or one a point. */
interface Uniform {
  readonly value: number | string
  is_Scalar?(): boolean
}

type Paint = (ctx: CanvasContext, indices: readonly number[], data?: unknown) => void

/** What a glyph is painted on: Bokeh's layers, and a stamp off the screen. */
export type CanvasContext = CanvasRenderingContext2D | OffscreenCanvasRenderingContext2D

/** A glyph's view. */
export interface GlyphView {
  readonly model: Model
  readonly visuals: Iterable<object> & {readonly line: {apply(ctx: CanvasContext, index: number): void}}
  // Screen coordinates, as the last map_data() left them: of points, of segments, of an image and its size.
  readonly sx: Float32Array
  readonly sy: Float32Array
  readonly sx0: Float32Array
  readonly sy0: Float32Array
  readonly sx1: Float32Array
  readonly sy1: Float32Array
  readonly sdw: Float32Array
  readonly sdh: Float32Array
  readonly image_data: readonly (CanvasImageSource | null)[] // the image after its colour mapper
}

interface PrivateGlyphView extends GlyphView {
  _paint: Paint
  _mask_data: unknown
  index_data(): void
  mask_data(): unknown
  map_data(): void
  set_data(source: Source, indices: unknown, rows?: readonly number[]): Promise<void>
  set_visuals(source: Source, indices: unknown): void
  after_visuals(): void
  after_lazy_visuals(): Promise<void>
}

interface PrivateRendererView {
  readonly model: {readonly data_source: Source, readonly view: {readonly indices: unknown}}
  readonly visuals?: Iterable<object>
  readonly glyph?: PrivateGlyphView
  all_indices: unknown
  map_data(): void
  set_data(rows?: readonly number[]): Promise<void>
  _update_masked_indices(): unknown
}

interface PrivateFigureView extends FigureView {
  readonly visuals?: Iterable<object>
  readonly renderer_views: Map<unknown, PrivateRendererView>
}

/**
 * `Visuals._get_css_value`: a figure asks the style sheets for the colour of all that it paints, each time (a tenth of
 * a frame); ours wears what its model says. There is no switch for it.
 */
function plainVisuals(view: {readonly visuals?: Iterable<object>}): void {
  for (const visual of view.visuals ?? []) {
    if ("_get_css_value" in visual) visual._get_css_value = () => ""
  }
}

/**
 * `GlyphRendererView.set_data`, `.map_data`, `._update_masked_indices`, `.all_indices`, `GlyphView.index_data` and
 * `._mask_data`: Bokeh keeps six versions of a glyph (selected, muted, decimated, ...) and an index of places for the
 * pointer. Nothing here can be selected or hovered over: only the plain version is prepared, and all of it is painted.
 * Setting the other glyphs to null in Python does not spare their data.
 */
function plainGlyph(renderer: PrivateRendererView, glyph: PrivateGlyphView): void {
  glyph.index_data = () => {}
  glyph._mask_data = null
  renderer.map_data = () => { glyph.map_data(); }
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

/** The glyphs of a figure, each reduced to the version that is ever seen. `renderer_views` is the way to them. */
export function plainGlyphs(view: FigureView): GlyphView[] {
  const figure = view as PrivateFigureView
  plainVisuals(figure)
  const glyphs: GlyphView[] = []
  for (const renderer of figure.renderer_views.values()) {
    plainVisuals(renderer)
    if (!renderer.glyph) continue
    plainGlyph(renderer, renderer.glyph)
    glyphs.push(renderer.glyph)
  }
  return glyphs
}

/**
 * `GlyphView._paint`: puts `replace` in its place, for a glyph that can be painted at a fraction of the cost. Bokeh's
 * own is kept for the cases that `replace` does not have: it returns false then. `draw` paints one point, at (0, 0).
 */
export function replacePaint(
  glyph: GlyphView,
  replace: (ctx: CanvasContext, indices: readonly number[], draw: (ctx: CanvasContext) => void) => boolean,
): void {
  const view = glyph as PrivateGlyphView
  const bokehs: Paint = view._paint.bind(view)
  const one = (ctx: CanvasContext) => { bokehs(ctx, [0], {sx: [0], sy: [0]}); }
  view._paint = (ctx, indices, data) => {
    // With data of its own it is a glyph in a legend.
    if (data !== undefined || !replace(ctx, indices, one)) bokehs(ctx, indices, data)
  }
}

/** The one value that a visual property has for all points; undefined where they differ. */
export function scalar(glyph: GlyphView, name: string): number | string | undefined {
  const uniform = (glyph as unknown as Record<string, Uniform | undefined>)[name]
  return uniform?.is_Scalar?.() ? uniform.value : undefined
}

/**
 * Writes the data of an image as Bokeh has them: its class of two-dimensional arrays is not exported, so the next one
 * is made by the class of the one that is there.
 */
export function imageLike(former: unknown, values: Float32Array, shape: readonly number[]): object {
  const NDArray = (former as object).constructor as new (values: Float32Array, shape: readonly number[]) => object
  return new NDArray(values, shape)
}

/**
 * A figure's own size of type, held as it is now. Bokeh asks the browser's style for it for every text that it paints,
 * which makes it lay out the page each time; only a text in em would need it, and ours are all in px.
 */
export function holdFontSize(view: FigureView): void {
  const {base_font_size: value} = view as FigureView & {readonly base_font_size: number | null}
  Object.defineProperty(view, "base_font_size", {value})
}

interface PrivateAxisView {
  readonly model: Model
  readonly panel: {readonly side: "left" | "right" | "above" | "below"}
  get_size(): {readonly width: number, readonly height: number}
}

const BORDERS = {left: "min_border_left", right: "min_border_right", above: "min_border_top", below: "min_border_bottom"} as const

/**
 * `AxisView.get_size`, through `renderer_views`: an axis has the whole margin of its side (`min_border`), and more only
 * where its labels need more. Without this Bokeh lays out the whole page anew, which takes half of a page's time,
 * whenever the widest label at a tick is another one.
 */
export function holdMargins(view: FigureView, figure: Figure): void {
  for (const one of (view as PrivateFigureView).renderer_views.values()) {
    const axis = one as unknown as PrivateAxisView
    if (!("axis_label" in axis.model.properties)) continue
    const own = axis.get_size.bind(axis)
    axis.get_size = () => {
      if (!view.is_displayed) return {width: 0, height: 0} // as its layout has it, which would be made again and again
      const {width, height} = own() // of which `height` is the way from the frame outwards, for all sides
      return {width, height: height > 0 ? Math.max(height, figure[BORDERS[axis.panel.side]]) : 0}
    }
  }
}

interface PrivateDocument extends BokehDocument {
  readonly constructor: {from_json(json: unknown, events: unknown[], buffers: unknown): PrivateDocument}
  destructively_move(to: BokehDocument): void
  replace_with_json(json: unknown): void
  add_root(root: Model, options?: {sync: boolean}): void
  set_title(title: string, options?: {sync: boolean}): void
}

interface PrivateConnection {
  _receiver: object
  _pull_doc_json(): Promise<{doc_json: unknown, buffers: unknown}>
}

/**
 * `ClientConnection._pull_doc_json` and `Document.replace_with_json`, through the event that a connection was lost: the
 * document that is fetched anew on the next one comes with its arrays, and is not sent back to the server, from which
 * it is. Bokeh leaves them out, and then fails; and would send the whole of it. `take`: whether it is wanted.
 */
export function replaceWhole(bokeh: BokehDocument, event: ConnectionEvent, take: (json: unknown) => boolean): void {
  const connection = (event as unknown as {connection: WeakRef<PrivateConnection>}).connection.deref()
  if (!connection) return
  // `_receiver`: a line that broke within a message has left half of it, and the next one's first words would be the rest.
  connection._receiver = new (connection._receiver.constructor as new () => object)()
  if (Object.hasOwn(connection, "_pull_doc_json")) return
  const document = bokeh as PrivateDocument, pull = connection._pull_doc_json.bind(connection)
  let arrays: unknown
  connection._pull_doc_json = async () => {
    const pulled = await pull()
    arrays = pulled.buffers
    return pulled
  }
  document.replace_with_json = (json) => {
    if (!take(json)) return
    const add = document.add_root.bind(document), entitle = document.set_title.bind(document)
    document.add_root = (root) => { add(root, {sync: false}) }
    document.set_title = (title) => { entitle(title, {sync: false}) }
    document.constructor.from_json(json, [], arrays).destructively_move(document)
    Object.assign(document, {add_root: add, set_title: entitle})
  }
}
