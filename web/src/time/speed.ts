// How fast it plays.

import {el} from "../page/dom.ts"
import {read, written} from "../page/numbers.ts"
import type {Value} from "../bokeh/panel.ts"
import {throttled} from "../page/throttled.ts"
import {parts, type Spec} from "../controls/widgets.ts"

const FREE = 0, WORD = "unlimited"

/** A slider whose right end is "as fast as it goes", and a box; `complain` is told what cannot be read. */
export function makeSpeed(stops: readonly number[], speed: Value<number>, complain: (line: string) => void): HTMLElement {
  const spec: Spec = {
    name: "steps_per_second", label: "speed", title: "speed", aria: "speed, steps per second", widget: "number",
    stops: [...stops, Infinity], low: 0, high: 1e5,
    text: (value) => (value === Infinity ? WORD : written(value)),
    parse: (text) => (WORD.startsWith(text.trim().toLowerCase() || "-") || read(text) === FREE ? Infinity : null),
  }
  const send = throttled(33, (value: number) => { speed.value = value === Infinity ? FREE : value })
  const use = (value: unknown) => {
    for (const part of both) part.show(value)
    send(value as number)
  }
  const both = parts(spec, use, complain)
  const word = el("span", {"aria-hidden": "true"}, "speed")
  const node = el("div.speed", {}, word, both.map((part) => part.node))
  const show = () => {
    for (const part of both) {
      part.show(speed.value || Infinity)
      part.node.inert = speed.locked !== "" // a class's teacher has fixed it
    }
    node.title = speed.locked ? `Cannot be changed: ${speed.locked}.` : "steps per second; 0 or unlimited: as many as the machine makes"
  }
  speed.change.connect(show)
  show()
  return node
}
