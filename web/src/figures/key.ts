// The stage's key: dots, and the colour bar of the critic's map, as the last painted frame had it.

import {framesOf} from "../frames/channel.ts"
import {put} from "../page/dom.ts"
import {digits} from "../page/numbers.ts"
import type {Component} from "../bokeh/panel.ts"

const NAMES: Readonly<Record<string, string>> = {
  probability: "probability that it is real",
  target: "1 for real, 0 for generated",
  score: "score",
  difference: "score, the higher the more real",
}

const STYLE = `
  .key { display: var(--gandyn-key, flex); align-items: center; justify-content: center; gap: 1.25rem; height: 1.5rem; white-space: nowrap;
    font: var(--gandyn-small) var(--gandyn-font); color: var(--gandyn-text); font-variant-numeric: tabular-nums; }
  .key b { font-weight: normal; }
  .key span { display: inline-flex; align-items: center; gap: 0.3rem; }
  .key .map[hidden] { display: none; }
  .bar { width: clamp(3rem, 18cqw, 7.5rem); height: 0.65rem; background: var(--gandyn-map); border-radius: 2px; position: relative; }
  .bar::after { content: ""; position: absolute; left: 50%; top: -2px; bottom: -2px; border-left: 1.5px solid var(--gandyn-ink); }
  .end { min-width: 2.6em; font-style: normal; color: var(--gandyn-muted); }
  .low { text-align: right; }
  @container (max-width: 18rem) { .key.key { gap: 0.375rem; } .end { min-width: 2em; } .bar { width: 2rem; } }
  /* A small stage: dots and bar alone rather than cut off. */
  @container (max-width: 15rem) { .map b, .end { display: none; } }
  @container (max-width: 32rem) { .long { display: none; } .key { gap: 0.75rem; } }
`

const KEY = `<style>${STYLE}</style><div class="key">
    <span><svg width="11" height="11"><circle cx="5.5" cy="5.5" r="4" fill="var(--gandyn-real)"/></svg>real</span>
    <span><svg width="12" height="11"><path d="M6 1L11 10H1Z" fill="var(--gandyn-generated)"/></svg>generated</span>
    <span class="map"><b>critic<b class="long">: <b class="name"></b></b></b><i class="end low"></i><i class="bar"></i><i class="end high"></i></span>
  </div>`

export function render({model}: Component<{run: string, place: number}>): HTMLElement {
  const root = document.createElement("div")
  root.innerHTML = KEY
  const bar = root.querySelector<HTMLElement>(".map")!
  const say = (place: string, text: string) => { put(root.querySelector(place)!, text) }
  const stop = framesOf(model.document, model.run, model.place).listen(({map}) => {
    bar.hidden = !map // of an objective without a critic, or where neither map nor contours are shown
    if (!map) return
    say(".name", NAMES[map.kind] ?? "score")
    say(".low", digits(map.low))
    say(".high", digits(map.high))
  })
  model.on("remove", stop)
  return root
}
