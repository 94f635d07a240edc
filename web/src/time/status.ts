// The status line: what the last painted frame says of itself.

import type {Line, Painted} from "../frames/channel.ts"
import {el} from "../page/dom.ts"
import {thousands} from "../page/numbers.ts"

const CALM = 500 // ms between changes of the rates: faster than that nobody reads
const LOST: Readonly<Record<Line, string>> = {
  open: "", lost: "connection lost, trying again", gone: "this run has ended: reload the page",
  refused: `refused: the server does not let pages of ${location.host} in, or you are logged out; reload the page`,
}

export interface Status {
  readonly node: HTMLElement
  frame(painted: Painted): void
  playing(now: boolean): void
}

/** `step 1,234 · 410 steps/s`; frames a second and their age are in the tooltip. */
export function makeStatus(): Status {
  const part = (name: string) => el(`span.${name}`)
  const step = part("step"), rate = part("rate"), word = part("word")
  const rates = el("span.rates", {}, " · ", rate, " steps/s")
  const words = el("span.words", {}, " · ", word)
  const node = el("div.status", {role: "status", "aria-live": "off", "aria-label": "status"}, step, rates, words)
  let last = 0, plays = true, said = "connecting"

  function draw(): void {
    const instead = said || (plays ? "" : "paused")
    rates.hidden = !!instead
    words.hidden = !instead
    word.textContent = instead
  }

  function frame({step: at = 0, rate: speed = 0, fps = 0, age_ms: old = 0, seeking, line}: Painted): void {
    const now = performance.now()
    said = LOST[line] || (seeking == null ? "" : `on to ${thousands(seeking)}`)
    step.textContent = `step ${thousands(at)}`
    if (now - last > CALM) {
      last = now
      rate.textContent = thousands(speed)
      node.title = `${thousands(fps)} frames a second, ${thousands(old)} ms old`
    }
    draw()
  }

  function playing(now: boolean): void {
    plays = now
    draw()
  }

  step.textContent = "step 0"
  draw()
  return {node, frame, playing}
}
