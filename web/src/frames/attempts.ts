// When a line that broke is tried again: soon, then less often; at once when the network or the person is back.

const [SOONEST, LATEST] = [500, 5000] // ms between attempts

export class Attempts {
  private readonly attempt: () => void
  private wait = SOONEST
  private timer: ReturnType<typeof setTimeout> | undefined
  private readonly back = () => { if (document.visibilityState === "visible") this.now() }

  constructor(attempt: () => void) {
    this.attempt = attempt
    addEventListener("online", this.back)
    document.addEventListener("visibilitychange", this.back)
  }

  again(): void {
    clearTimeout(this.timer)
    this.timer = setTimeout(() => { this.now() }, this.wait)
    this.wait = Math.min(2 * this.wait, LATEST)
  }

  private now(): void {
    if (this.timer === undefined) return
    clearTimeout(this.timer)
    this.timer = undefined
    this.attempt()
  }

  succeed(): void {
    this.wait = SOONEST
  }

  stop(): void {
    clearTimeout(this.timer)
    removeEventListener("online", this.back)
    document.removeEventListener("visibilitychange", this.back)
  }
}
