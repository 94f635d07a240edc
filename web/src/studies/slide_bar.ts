// The slider of a view of choice: by hand, or there and back by itself.

import type {BokehDocument} from "../bokeh/bokeh.ts"
import {el, icon, on} from "../page/dom.ts"
import {pageOf} from "../page/page_state.ts"
import {face} from "../time/buttons.ts"
import type {DeclaredSlide} from "./slides.ts"

const GO = "M4 3l9 5-9 5z"
const SECONDS = 2.5 // from one end to the other

/** A slow start and a slow end: t of 0 to 1. */
const eased = (t: number): number => (1 - Math.cos(Math.PI * t)) / 2

export function makeSlide(bokeh: BokehDocument, study: string, {label, ends, begin}: DeclaredSlide): HTMLElement {
  const page = pageOf(bokeh)
  const input = el("input", {type: "range", min: 0, max: 1, step: 0.01, "aria-label": label, name: `slide-${study}`})
  const bar = el("div.slider", {}, input)
  let moves = 0 // the animation frame that comes
  function show(t: number): void {
    input.value = String(t)
    input.setAttribute("aria-valuetext", `${Math.round(100 * t)} % from ${ends[0]} to ${ends[1]}`)
    bar.style.setProperty("--at", String(t))
  }
  function use(t: number): void {
    show(t)
    page.set({slides: {...page.now.slides, [study]: t}})
  }
  function stop(): void {
    cancelAnimationFrame(moves)
    moves = 0
  }
  on(input, "input", () => {
    stop()
    use(Number(input.value))
  })
  const go = on(el("button.go", {type: "button"}, icon(GO, true)), "click", () => {
    if (moves) {
      stop()
      return
    }
    const from = Number(input.value), to = from < 0.5 ? 1 : 0
    let start: number | null = null
    const move = (now: number) => {
      start ??= now
      const done = Math.min(1, (now - start) / (1000 * SECONDS))
      use(from + (to - from) * eased(done))
      if (done < 1) moves = requestAnimationFrame(move)
      else stop()
    }
    moves = requestAnimationFrame(move)
  })
  face(go, `${label}: let it move to the other end`)
  show(page.now.slides[study] ?? begin)
  return el("div.slide", {}, go, el("span", {}, ends[0]), bar, el("span", {}, ends[1]))
}
