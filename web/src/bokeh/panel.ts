// What Panel hands to a component: the properties declared in Python, and the ways to and from the server.

import type {BokehDocument, Model, ViewManager} from "./bokeh.ts"

type Slot = () => void

interface Ways<Message> {
  readonly document: BokehDocument
  on(event: "msg:custom", slot: (message: Message) => void): void
  on(property: string | readonly string[], slot: Slot): void
  send_msg(message: Readonly<Record<string, unknown>>): void
  get_child(name: string): HTMLElement
}

/** A component's model: its properties, and messages of one kind from the server. */
export type PanelModel<Properties, Message = never> = Readonly<Properties> & Ways<Message>

export interface PanelView {
  readonly model: Model
  readonly owner: ViewManager
}

export interface Component<Properties, Message = never> {
  readonly model: PanelModel<Properties, Message>
  readonly view: PanelView
}

/** The model of one value (ControlValue in Python), shared with the server and with scripts. */
export interface Value<T = unknown> extends Model {
  value: T
  readonly preset: T | null
  readonly idle: string | null
  error: string
}

/** One of the models that the component brings along, by its name. */
export function owned<T>(view: PanelView, name: string): Value<T> {
  const model = view.model.tags.find((one) => (one as Model).name === name)
  if (model === undefined) throw new Error(`the page has no model ${name}`)
  return model as Value<T>
}

/** Children of a property that holds several. */
export const children = (model: Ways<never>, name: string): HTMLElement[] =>
  model.get_child(name) as unknown as HTMLElement[]
