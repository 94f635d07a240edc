// How fast frames come.

/** Frames a second, the age of the latest in ms, steps a second. */
export interface Reading {
  readonly fps: number
  readonly age_ms: number
  readonly rate: number
}

const OVER = 2000 // ms over which frames are counted
const LEAST = 0.2 // s below which there is no rate yet

/** Frames a second over the last two seconds, and the age of a frame by the server's clock, were it set like ours. */
export class Pace {
  private readonly times: number[] = []
  private skew = 0

  /** A frame of server time `time` (s) is painted at `now` (ms of any clock), when ours says `clock` (ms). */
  of({time, rate}: {readonly time: number, readonly rate: number}, now: number, clock: number): Reading {
    this.times.push(now)
    while (now - (this.times[0] ?? now) > OVER) this.times.shift()
    const seconds = (now - (this.times[0] ?? now)) / 1000
    const raw = clock - time * 1000
    this.skew = Math.min(this.skew, raw)
    return {fps: seconds > LEAST ? (this.times.length - 1) / seconds : 0, age_ms: raw - this.skew, rate}
  }
}

const SHARE = 0.5 // of the page's main thread that frames may take
const SHORTEST = 1000 / 60, LONGEST = 1000 / 25 // ms between two frames: as the fastest screens; as the slowest machines

/** The ms between two frames of which each takes the main thread so many. */
export const period = (ms: number): number => Math.min(Math.max(ms / SHARE, SHORTEST), LONGEST)
