// Bokeh's own socket, on which controls and buttons travel: whether it is open, and opened again for as long as the page
// is there. Bokeh itself would try five times within half a minute, and only where the server's first page said so.

import type {BokehDocument} from "./bokeh.ts"
import {replaceWhole} from "./bokeh_private.ts"
import {Attempts} from "../frames/attempts.ts"
import {Channel} from "../frames/channel.ts"
import {pageOf} from "../page/page_state.ts"

const runs = new WeakMap<BokehDocument, string>()

/** The page shows this run: on a new line to a server that has lost it, it is loaded anew, and goes on from its moment. */
export function expectRun(bokeh: BokehDocument, run: string): void {
  runs.set(bokeh, run)
}

function wanted(bokeh: BokehDocument, json: unknown): boolean {
  const run = runs.get(bokeh)
  if (!run || JSON.stringify(json).includes(run)) return true
  location.reload()
  return false
}

const sockets = new WeakMap<BokehDocument, Channel<boolean>>()

/** Whether the socket of a document is open, from now on. */
export function socketOf(bokeh: BokehDocument): Channel<boolean> {
  const known = sockets.get(bokeh)
  if (known) return known
  const channel = new Channel<boolean>()
  const tell = (open: boolean) => {
    pageOf(bokeh).set({steerable: open})
    channel.tell(open)
  }
  let reconnect = () => {}
  const attempts = new Attempts(() => { reconnect() })
  bokeh.on_event("connection_lost", (_, event) => {
    replaceWhole(bokeh, event, (json) => wanted(bokeh, json))
    reconnect = () => { event.reconnect() }
    tell(false)
    attempts.again()
  })
  bokeh.on_event("client_reconnected", () => {
    attempts.succeed()
    tell(true)
  })
  sockets.set(bokeh, channel)
  return channel
}
