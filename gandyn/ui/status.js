// The status line: what the last painted frame says of itself.

const CALM = 500 // ms between changes of the rates: faster than that nobody reads
const LOST = {lost: "connection lost, trying again", gone: "this run has ended: reload the page"}

/** {node, frame(header), playing(bool)}: `step 1,234 · 410 steps/s · 24 frames/s · 35 ms old`. */
export function makeStatus() {
  const part = (name) => el(`span.${name}`)
  const [step, rate, frames, age, word] = ["step", "rate", "frames", "age", "word"].map(part)
  const rates = el("span.rates", {}, " · ", rate, " steps/s · ", frames, " frames/s · ", age, " ms old")
  const words = el("span.words", {}, " · ", word)
  const node = el("div.status", {role: "status", "aria-live": "off", "aria-label": "status"}, step, rates, words)
  let last = 0, plays = true, said = "connecting"

  function draw() {
    const instead = said || (plays ? "" : "paused")
    rates.hidden = !!instead
    words.hidden = !instead
    word.textContent = instead
  }

  function frame({step: at = 0, rate: speed = 0, fps = 0, age_ms: old = 0, line}) {
    const now = performance.now()
    said = LOST[line] ?? ""
    step.textContent = `step ${thousands(at)}`
    if (now - last > CALM) {
      last = now
      rate.textContent = thousands(speed)
      frames.textContent = thousands(fps)
      age.textContent = thousands(old)
    }
    draw()
  }

  step.textContent = "step 0"
  draw()
  return {node, frame, playing(value) { plays = value; draw() }}
}
