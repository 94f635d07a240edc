// The session as a file: the server sends the text, the browser keeps it.

import {el} from "./dom.ts"

export interface SavedFile {
  readonly name: string
  readonly text: string
}

/** Lets the browser save a file. */
export function download({name, text}: SavedFile): void {
  const url = URL.createObjectURL(new Blob([text], {type: "application/json"}))
  el("a", {href: url, download: name}).click()
  setTimeout(() => { URL.revokeObjectURL(url) }, 60_000) // some browsers ask where to put it first
}
