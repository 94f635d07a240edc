// How a saved session is opened: a file that is chosen, or dropped anywhere on the page.

import type {OpenFile} from "../messages.ts"
import {isData} from "../own_data/data_files.ts"
import {el, on} from "../page/dom.ts"

const LARGEST = 15e6 // bytes
const PART = 2 ** 17 // characters: the server reads no message of more than 1 MB, or of too many values

/** The messages in which a text goes to the server. */
export function parts(text: string): OpenFile[] {
  const cut: string[] = []
  let left = text
  do {
    const whole = left.length <= PART || !/[\uD800-\uDBFF]/.test(left[PART - 1]!) // a letter in two parts is none in either
    cut.push(left.slice(0, whole ? PART : PART - 1))
    left = left.slice(cut.at(-1)!.length)
  } while (left)
  return cut.map((part, i) => ({type: "open-file", text: part, part: i, of: cut.length}))
}

export interface Opening {
  choose: () => void
  stop: () => void
}

/** Opens sessions that are chosen, or dropped anywhere on the page; files of points that are dropped go to `data`. */
export function makeOpening(
  open: (text: string) => void, data: (file: File) => void, refuse: (line: string) => void,
): Opening {
  const input = el("input", {type: "file", accept: ".json,application/json"})
  async function read(file: File | undefined): Promise<void> {
    if (!file) return
    if (isData(file.name)) data(file)
    else if (file.size > LARGEST) refuse(`${file.name} is too large for a saved session: at most ${LARGEST / 1e6} MB`)
    else open(await file.text())
  }
  on(input, "change", () => {
    void read(input.files?.[0])
    input.value = "" // the same file may be opened again
  })
  const over = (event: DragEvent) => { if (event.dataTransfer?.types.includes("Files")) event.preventDefault() }
  const drop = (event: DragEvent) => {
    if (!event.dataTransfer?.files.length) return
    event.preventDefault()
    void read(event.dataTransfer.files[0])
  }
  document.addEventListener("dragover", over)
  document.addEventListener("drop", drop)
  return {
    choose: () => { input.click() },
    stop: () => {
      document.removeEventListener("dragover", over)
      document.removeEventListener("drop", drop)
    },
  }
}
