// What the page uses of BokehJS's documented models. No type of Bokeh's is imported: its declarations come with the
// Python package, and what we lean on is little.

export interface Signal {
  connect(slot: () => void): unknown
  disconnect(slot: () => void): unknown
}

export interface Model {
  readonly id: string
  readonly type: string
  readonly name: string | null
  readonly tags: readonly unknown[]
  readonly properties: Readonly<Record<string, unknown>>
  readonly change: Signal
  setv(values: Readonly<Record<string, unknown>>, options?: {sync: boolean}): void
}

/** The line to the server broke; where the page wants it, it is tried again. */
export interface ConnectionEvent {
  reconnect(): void
}

export interface BokehDocument {
  get_model_by_name(name: string): Model | null
  on_event(name: "client_reconnected" | "connection_lost", heard: (document: BokehDocument, event: ConnectionEvent) => void): void
}

export interface Range extends Model {
  readonly start: number
  readonly end: number
}

export interface ColourMapper extends Model {
  readonly low: number
  readonly high: number
  readonly palette: readonly unknown[]
}

export interface Source extends Model {
  readonly data: Readonly<Record<string, ArrayLike<unknown>>>
}

export interface Glyph extends Model {
  readonly color_mapper?: ColourMapper
  readonly line_color?: {readonly transform?: Model}
  readonly text_font?: {readonly value: string}
  readonly text_font_size?: {readonly value: string}
}

/** A glyph's renderer, or a grid or annotation, which draws from no source. */
export interface Renderer extends Model {
  readonly visible: boolean
  readonly data_source?: Source
  readonly glyph?: Glyph
}

export interface Figure extends Model {
  readonly renderers: readonly Renderer[]
  readonly x_range: Range
  readonly y_range: Range
  readonly inner_width: number
  readonly inner_height: number
  readonly min_border_left: number
  readonly min_border_right: number
  readonly min_border_top: number
  readonly min_border_bottom: number
  readonly left: readonly Model[]
  readonly right: readonly Model[]
  readonly above: readonly Model[]
  readonly below: readonly Model[]
  readonly center: readonly Model[]
}

/** What a view exports: for "svg" the blob is the text. */
export interface Exported {
  readonly bbox: {readonly width: number, readonly height: number}
  to_blob(): Promise<Blob>
}

/** The view of a figure, by its public methods. */
export interface FigureView {
  export(type: "svg", hidpi: boolean): Exported
  readonly el: HTMLElement
  readonly is_destroyed: boolean
  readonly is_displayed: boolean
  pause(): void
  unpause(silent?: boolean): void
  paint(): void
  repaint(): void
  invalidate_dataranges: boolean
}

/** Where views are found by their models; every view has it as its `owner`. */
export interface ViewManager {
  find_one(model: Model): FigureView | null
}

/** The text behind a tag "PREFIX-text" of a model. */
export const tagged = (model: Model, prefix: string): string | undefined => allTagged(model, prefix)[0]

/** The texts behind all such tags. */
export function allTagged(model: Model, prefix: string): string[] {
  const tags = model.tags.filter((one): one is string => typeof one === "string" && one.startsWith(`${prefix}-`))
  return tags.map((tag) => tag.slice(prefix.length + 1))
}
