// How the page is worn: the theme, larger type for a projector, the folded controls. One state a document.

import type {BokehDocument} from "../bokeh/bokeh.ts"
import {Channel} from "../frames/channel.ts"

export interface PageState {
  readonly theme: "light" | "dark"
  readonly projector: boolean
  readonly drawer: boolean // whether folded controls are open
  readonly folds: boolean // whether the window has no room for the controls
  readonly tool: boolean // whether the tool for own data is open
  readonly zoomed: boolean // whether a figure is looked at closer
  readonly steerable: boolean // whether what is asked of the server reaches it
  readonly slides: Readonly<Record<string, number>> // where the sliders of views of choice stand, by their names
  readonly drags: Readonly<Record<string, readonly [number, number]>> // by how much in their figures something is dragged
  readonly large: number | null // the stage that has the room of the others, which are small
}

export class Page {
  private readonly channel = new Channel<PageState>()
  now: PageState

  constructor(theme: PageState["theme"]) {
    this.now = {theme, projector: false, drawer: false, folds: false, tool: false, zoomed: false, steerable: true,
      slides: {}, drags: {}, large: null}
  }

  set(change: Partial<PageState>): void {
    const next = {...this.now, ...change}
    const names = Object.keys(next) as (keyof PageState)[]
    if (names.every((name) => next[name] === this.now[name])) return
    this.now = next
    this.channel.tell(next)
  }

  /** The state as it is when the listener's turn comes: one before it may have changed more. Returns the way to stop. */
  listen(listener: (state: PageState) => void): () => void {
    return this.channel.listen(() => { listener(this.now) })
  }
}

const pages = new WeakMap<BokehDocument, Page>()

/** The state of the page that shows a document. It begins in the theme in which first.ts has painted the ground. */
export function pageOf(bokeh: BokehDocument): Page {
  const page = pages.get(bokeh) ?? new Page(document.documentElement.dataset.gandynTheme === "dark" ? "dark" : "light")
  pages.set(bokeh, page)
  return page
}
