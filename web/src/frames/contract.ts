// `window.gandyn`, on which other people's scripts rely: the last painted frame. The only name that the page shares with
// scripts of others, and the only file of ours that touches it. It holds for the first run of a page.

import type {Header} from "./frame.ts"
import type {Reading} from "./pace.ts"

interface Contract extends Partial<Reading> {
  readonly step: number
  readonly frames: number // painted so far
  readonly controls: Readonly<Record<string, unknown>>
  readonly seed: number | null
  readonly playing: boolean
}

declare global {
  interface Window {
    gandyn: Contract
  }
}

/** Before the first frame. */
export function openContract(): void {
  window.gandyn = {step: 0, frames: 0, controls: {}, seed: null, playing: false}
}

export function keepContract({step, controls, seed, playing}: Header, reading: Reading): void {
  window.gandyn = {step, frames: window.gandyn.frames + 1, controls, seed, playing, ...reading}
}
