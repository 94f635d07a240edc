// What Panel hands to a component: the properties declared in Python, and the ways to and from the server.

import type {BokehDocument, Model, ViewManager} from "./bokeh.ts"

type Slot = () => void

interface Ways<Sent, Received> {
  readonly document: BokehDocument
  on(event: "msg:custom", slot: (message: Received) => void): void
  on(property: string | readonly string[], slot: Slot): void
  send_msg(message: Sent): void
  get_child(name: string): HTMLElement
}

/** A component's model: its properties, and the messages to and from the server (messages.ts). */
export type PanelModel<Properties, Sent = never, Received = never> = Readonly<Properties> & Ways<Sent, Received>

export interface PanelView {
  readonly model: Model
  readonly owner: ViewManager
}

export interface Component<Properties, Sent = never, Received = never> {
  readonly model: PanelModel<Properties, Sent, Received>
  readonly view: PanelView
}

/** The model of one value (ControlValue in Python), shared with the server and with scripts. */
export interface Value<T = unknown> extends Model {
  value: T
  readonly preset: T | null
  readonly idle: string | null
  readonly locked: string // why it cannot be changed in this page
  error: string
}

/** One of the models that the component brings along, by its name. */
export function owned<T>(view: PanelView, name: string): Value<T> {
  const model = view.model.tags.find((one) => (one as Model).name === name)
  if (model === undefined) throw new Error(`the page has no model ${name}`)
  return model as Value<T>
}

/** Children of a property that holds several. */
export const children = (model: Ways<never, never>, name: string): HTMLElement[] =>
  model.get_child(name) as unknown as HTMLElement[]
