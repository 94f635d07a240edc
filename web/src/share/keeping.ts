// The last moment of a page, kept by its tab, so that it goes on from there where the server has lost the run.

import type {Keep, OpenMoment, Resume} from "../messages.ts"
import type {Painted} from "../frames/channel.ts"

const KEY = "gandyn.last" // in the tab's own storage
const [OFTEN, SOON] = [5000, 300] // ms between two askings; after something was done

interface Last {
  readonly run: string
  readonly moment: string
  readonly step: number
  readonly playing: boolean
}

let here: Last | null = null // of this page while it is loaded

function recall(): Last | null {
  try {
    return JSON.parse(sessionStorage.getItem(KEY) ?? "null") as Last | null
  } catch {
    return null // the browser keeps nothing
  }
}

function write(): void {
  try {
    sessionStorage.setItem(KEY, JSON.stringify(here))
  } catch { /* it keeps nothing, or has no room */ }
}

/** What the page asks for when it opens: the moment in its address, or what it showed: reloaded, or on a new line. */
export function beginning(run: string): OpenMoment | Resume | null {
  const [navigation] = performance.getEntriesByType("navigation") as PerformanceNavigationTiming[]
  const again = here !== null || ["reload", "back_forward"].includes(navigation?.type ?? "")
  const before = here ?? (again ? recall() : null)
  const moment = /^#moment=(.+)$/.exec(location.hash)?.[1]
  if (before?.run === run) return null
  here = {run, moment: before?.moment ?? "", step: before?.step ?? 0, playing: before?.playing ?? false}
  write()
  if (before && (!moment || before.moment)) return {type: "resume", run: before.run, moment: before.moment, step: before.step, playing: before.playing}
  return moment ? {type: "open-moment", moment} : null
}

export class Keeping {
  private readonly ask: (message: Keep) => void
  private asked = -1 // the step at the last asking
  private due = 0 // when the next may be
  private tooLong = false

  constructor(ask: (message: Keep) => void) {
    this.ask = ask
    addEventListener("pagehide", write)
  }

  /** Something was done: the moment of before is no longer the last one. */
  changed(now: number): void {
    this.asked = -1
    this.tooLong = false
    this.due = now + SOON
  }

  frame({step, playing, line}: Painted, now: number): void {
    if (!here || step === undefined || line !== "open") return
    here = {...here, step, playing: playing ?? false}
    if (now < this.due || step === this.asked || this.tooLong) return
    this.asked = step
    this.due = now + OFTEN
    this.ask({type: "keep"})
  }

  keep(moment: string): void {
    this.tooLong = !moment
    if (here) here = {...here, moment}
    write()
  }

  stop(): void {
    removeEventListener("pagehide", write)
  }
}
