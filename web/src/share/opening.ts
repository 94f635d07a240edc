// How a page goes on with what was there before: after a reload, from a link to a moment, or from a saved file.

import type {OpenMoment, Resume} from "../messages.ts"
import {isData} from "../own_data/data_files.ts"
import {el, on} from "../page/dom.ts"

const LARGEST = 15e6 // bytes: the socket takes 20 MB
const KEY = "gandyn.run" // of what this tab showed last

/** What the page asks for when it opens: the moment in its address, or, reloaded, the run that it showed. */
export function beginning(run: string): OpenMoment | Resume | null {
  const [navigation] = performance.getEntriesByType("navigation") as PerformanceNavigationTiming[]
  let before: string | null = null
  try {
    before = sessionStorage.getItem(KEY)
    sessionStorage.setItem(KEY, run)
  } catch { /* the browser keeps nothing */ }
  const moment = /^#moment=(.+)$/.exec(location.hash)?.[1]
  if (moment) return {type: "open-moment", moment}
  return ["reload", "back_forward"].includes(navigation?.type ?? "") && before && before !== run ? {type: "resume", run: before} : null
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
