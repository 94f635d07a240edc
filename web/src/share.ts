// The address of the page, kept up to date without a reload, and the button that copies it.

import {el, icon, on} from "./dom.ts"
import {throttled} from "./throttled.ts"

const WRITE_EVERY = 400 // ms: browsers refuse an address that changes much more often
const LINK = "M6.5 9.5l3-3M7 4.5l1.2-1.2a3 3 0 0 1 4.3 4.3L11.3 8.8M9 11.5l-1.2 1.2a3 3 0 0 1-4.3-4.3L4.7 7.2"

export type Query = Readonly<Record<string, string>>

/** The address `page` (origin and path) with another query; commas stay readable. */
export const linkTo = (query: Query, page: {origin: string, pathname: string} = location): string =>
  `${page.origin}${page.pathname}?${new URLSearchParams(query).toString().replaceAll("%2C", ",")}`

/** Puts a query into the address bar: `address(query)`. */
export const makeAddress = (): ((query: Query) => void) => throttled(WRITE_EVERY, (query) => {
  history.replaceState(history.state, "", linkTo(query))
})

async function copy(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text)
    return true
  } catch { // no permission, or a page without https: the old way works in both
    const area = el("textarea", {style: "position: fixed; opacity: 0"})
    area.value = text
    document.body.append(area)
    area.select()
    // eslint-disable-next-line @typescript-eslint/no-deprecated -- there is no other way where the clipboard is refused
    const done = document.execCommand("copy")
    area.remove()
    return done
  }
}

const LOCAL = /^(localhost|127\.|\[::1\])/

/** The link to a moment; without one, the link of the controls, and why it is no more. */
export function linkOf(plain: string, moment: string | null, host: string = location.hostname): {link: string, said: string} {
  const reach = LOCAL.test(host) ? ", for this computer only" : ""
  return moment === null
    ? {link: plain, said: `link to step 0 copied${reach}: this session is too long for a link, save it as a file`}
    : {link: `${plain}#moment=${moment}`, said: `link to this moment copied${reach}`}
}

export interface Copy {
  readonly node: HTMLElement
  /** Copies the link, which the server has made. */
  offer(plain: string, moment: string | null): void
}

/** A button that asks for the link to this moment, copies it and says so, or shows it to copy by hand. */
export function makeCopy(ask: () => void): Copy {
  const text = el("span.said", {"aria-live": "polite"})
  const words = {title: "copy a link to this very moment", "aria-label": "copy link"}
  const button = el("button", {type: "button", "data-do": "link", ...words}, icon(LINK))
  const field = el("input", {type: "text", readonly: true, "aria-label": "link to this moment"})
  const why = el("p", {}, "The browser does not let the page copy. The link:")
  const byHand = el("div.by-hand", {popover: "auto"}, why, field)
  let timer: ReturnType<typeof setTimeout> | undefined

  async function offer(plain: string, moment: string | null): Promise<void> {
    const {link, said} = linkOf(plain, moment)
    if (await copy(link)) {
      text.textContent = said
      clearTimeout(timer)
      timer = setTimeout(() => { text.textContent = "" }, 4000)
    } else {
      field.value = link
      byHand.showPopover()
      field.select()
    }
  }
  on(button, "click", ask)
  return {node: el("div.share", {}, button, text, byHand), offer: (plain, moment) => { void offer(plain, moment) }}
}
