// Whether it plays, as the button says it: at once by a click, later as the frames do.

import type {Painted} from "../frames/channel.ts"

export const SETTLED = 500 // ms after which frames know of a command

const noticeOf = (frame: Painted | null) => frame?.notice?.text

/**
 * A run may stop by itself, and then no frame follows. Just after a command the frames on their way know nothing of it:
 * one with a notice of its own is believed at once, any other when the command has had its time.
 */
export class Playing {
  now: boolean
  private asked = -Infinity
  private last: Painted | null = null
  private known: string | undefined // the notice when a command went
  private readonly show: (playing: boolean) => void

  constructor(playing: boolean, show: (playing: boolean) => void) {
    this.now = playing
    this.show = show
  }

  set(playing: boolean): void {
    this.now = playing
    this.show(playing)
  }

  /** A command went at `at` (ms). */
  ask(at: number): void {
    this.asked = at
    this.known = noticeOf(this.last)
  }

  frame(painted: Painted, at: number): void {
    this.last = painted
    this.follow(at)
  }

  /** Believes the last frame if it can know of the last command. */
  follow(at: number): void {
    const notice = noticeOf(this.last)
    const settled = at - this.asked > SETTLED || (!!notice && notice !== this.known)
    const playing = this.last?.playing
    if (this.last?.line === "open" && settled && playing !== undefined && playing !== this.now) this.set(playing)
  }
}
