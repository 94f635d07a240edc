// Where the server of a page is: as the application says it, since the page may stand within another site's.

import type {BokehDocument} from "../bokeh/bokeh.ts"

const servers = new WeakMap<BokehDocument, string>()

/** The server's paths begin at `root`, an address of its own or one seen from the page at `base`; its query is part of
 * each of them. */
export function placeServer(bokeh: BokehDocument, root: string, base: string): string {
  const {href} = new URL(root, base)
  servers.set(bokeh, href)
  return href
}

/** The address at which the server's paths begin, with a slash at its end. */
export const serverOf = (bokeh: BokehDocument): string => servers.get(bokeh) ?? new URL("./", document.baseURI).href

/** One of our routes there. */
export function route(server: string, name: string, query: Readonly<Record<string, string>>): string {
  const url = new URL(`gandyn/${name}`, server)
  url.search = new URLSearchParams([...Object.entries(query), ...new URL(server).searchParams]).toString()
  return url.href
}
