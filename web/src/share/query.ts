// The address of the page, kept up to date without a reload.

import {throttled} from "../page/throttled.ts"

const WRITE_EVERY = 400 // ms: browsers refuse an address that changes much more often

export type Query = Readonly<Record<string, string>>

/** The address `page` (origin and path) with another query; commas stay readable. */
export const linkTo = (query: Query, page: {origin: string, pathname: string} = location): string =>
  `${page.origin}${page.pathname}?${new URLSearchParams(query).toString().replaceAll("%2C", ",")}`

/** Puts a query into the address bar: `address(query)`. */
export const makeAddress = (): ((query: Query) => void) => throttled(WRITE_EVERY, (query) => {
  // In a class a page with a run of its own says so; what the run is its server knows.
  const own = new URLSearchParams(location.search).has("own")
  history.replaceState(history.state, "", linkTo(own ? {own: "1"} : query))
})
