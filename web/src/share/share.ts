// "Share": the link to this moment, copied at once, and all other forms in which what is seen can be taken elsewhere.

import type {Shared} from "../messages.ts"
import {face, worded} from "../time/buttons.ts"
import {copy} from "./clipboard.ts"
import {byPointer, el, icon, on, put} from "../page/dom.ts"
import {thousands} from "../page/numbers.ts"
import {download} from "./save.ts"

const LINK = "M6.5 9.5l3-3M7 4.5l1.2-1.2a3 3 0 0 1 4.3 4.3L11.3 8.8M9 11.5l-1.2 1.2a3 3 0 0 1-4.3-4.3L4.7 7.2"
const CROSS = "M4 4l8 8M12 4l-8 8"

type Form = "link" | "plain" | "command" | "python" | "iframe"

const FORMS: readonly (readonly [form: Form, label: string, words: string])[] = [
  ["link", "link", "opens here, at this step, with all of its past"],
  ["plain", "link to step 0", "the controls alone: the run begins anew"],
  ["command", "command", "for a shell: the same run without a browser"],
  ["python", "Python", "the same run in a script or a notebook"],
  ["iframe", "embed", "a frame for another page"],
]

const OF_ONE: readonly Form[] = ["command", "python"] // of a comparison only the run that is steered

/** What is said once the link is copied. */
export function said({local, long}: Pick<Shared, "local" | "long">): string {
  const reach = local ? ", for this computer only" : ""
  return long
    ? `link to step 0 copied${reach}: this session is too long for a link, save it as a file`
    : `link to this moment copied${reach}`
}

/** Files that the server makes: their kind, their name, what they are. */
const FILES: readonly (readonly [kind: string, label: string, words: string])[] = [
  ["html", "report", "one HTML file that plays the past back, without a server"],
  ["webp", "movie", "the stage over the past, as WebP"],
  ["gif", "GIF", "the movie where WebP does not show"],
  ["mp4", "MP4", "the movie for slides; needs gandyn[video]"],
  ["csv", "CSV", "the numbers of every step"],
  ["parquet", "Parquet", "the numbers of every step; needs gandyn[sweep]"],
]

export interface Share {
  readonly node: HTMLElement
  offer(copies: Shared): void
}

function makeRow([form, label, words]: (typeof FORMS)[number], say: (text: string) => void) {
  const field = el("textarea", {readonly: true, spellcheck: "false", rows: 1, "aria-label": label, title: words})
  const button = el("button", {type: "button", "data-copy": form, "aria-label": `copy ${label}`}, "copy")
  const file = el("button.file", {type: "button", hidden: true})
  const name = el("span.name", {}, label)
  const node = el("div.form", {}, name, field, button, file)
  let given: Shared | null = null
  on(field, "focus", () => { field.select() })
  on(button, "click", () => {
    void copy(field.value).then((done) => {
      say(done ? `${label} copied` : "the browser does not let the page copy: press Ctrl+C")
      if (!done) field.focus()
    })
  })
  on(file, "click", () => { if (given) download({name: given.file, text: given.text}) })
  function show(copies: Shared): void {
    given = copies
    put(name, copies.of && OF_ONE.includes(form) ? `${label} of ${copies.of}` : label)
    field.value = copies[form].trimEnd()
    field.rows = Math.min(8, field.value.split("\n").length)
    node.hidden = !field.value || (form === "plain" && copies.long)
    file.hidden = !copies.reads.includes(form)
    put(file, `it reads this file: save ${copies.file}`)
  }
  return {node, field, show}
}

/** A button that asks for what can be copied, copies the link and shows the rest; `make` asks for a file of a kind. */
export function makeShare(ask: () => void, make: (kind: string) => void): Share {
  const button = el("button", {type: "button", "data-do": "link"}, worded(icon(LINK), "share"))
  face(button, "share: copy a link to this very moment, and other ways to take it along")
  const title = el("h2"), status = el("p.said", {"aria-live": "polite"})
  const say = (text: string) => { put(status, text) }
  const rows = FORMS.map((form) => makeRow(form, say))
  const reach = el("p.reach", {}, "Nobody else can open these links: the server listens to this computer alone. ",
    "For others start it with ", el("code", {}, "gandyn serve --address 0.0.0.0"), ", and open the page by its address.")
  const file = (label: string, words: string, act: () => void) =>
    on(el("button", {type: "button", title: words}, label), "click", () => {
      panel.hidePopover()
      act()
    })
  const files = el("div.files", {role: "group", "aria-label": "files"}, el("span.name", {}, "files"), el("div", {},
    FILES.map(([kind, label, words]) => file(label, words, () => { make(kind) })),
    file("session", "all of it: gandyn replay does it again, and the page opens it", () => {
      if (given) download({name: given.file, text: given.text})
    })))
  let given: Shared | null = null
  const close = el("button.close", {type: "button", "aria-label": "close", title: "close"}, icon(CROSS))
  const panel = el("div.sharing", {popover: "auto", role: "dialog", "aria-label": "share"},
    el("div.head", {}, title, close), status, rows.map(({node}) => node), files, reach)

  async function offer(copies: Shared): Promise<void> {
    given = copies
    put(title, `Share step ${thousands(copies.step)}`)
    for (const row of rows) row.show(copies)
    reach.hidden = !copies.local
    if (await copy(copies.link)) say(said(copies))
    else {
      say("the browser does not let the page copy: press Ctrl+C")
      rows[0]?.field.focus()
    }
  }
  on(close, "click", () => { panel.hidePopover() })
  on(button, "click", (event) => {
    if (byPointer(event)) button.blur()
    say("")
    panel.style.top = `${button.getBoundingClientRect().bottom + 4}px`
    panel.showPopover()
    ask()
  })
  return {node: el("div.share", {}, button, panel), offer: (copies) => { void offer(copies) }}
}
