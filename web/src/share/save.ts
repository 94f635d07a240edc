// Files that the browser keeps: the session, whose text the server sends, and pictures.

import type {SavedFile} from "../messages.ts"
import {el} from "../page/dom.ts"

/** Lets the browser save a file. */
export function save(name: string, content: Blob): void {
  const url = URL.createObjectURL(content)
  el("a", {href: url, download: name}).click()
  setTimeout(() => { URL.revokeObjectURL(url) }, 60_000) // some browsers ask where to put it first
}

/** Lets it save the text that the server sent. */
export const download = ({name, text}: Pick<SavedFile, "name" | "text">): void => { save(name, new Blob([text], {type: "application/json"})) }
