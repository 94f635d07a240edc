// How fast it plays.

const FREE = 0, WORD = "max"

/** A slider whose right end is "as fast as it goes", and a box; `complain` is told what cannot be read. */
export function makeSpeed(speeds, speed, complain) {
  const spec = {
    name: "steps_per_second", label: "speed", aria: "speed, steps per second", widget: "number", live: true,
    stops: [...speeds, Infinity], low: 0, high: 1e5,
    text: (value) => (value === Infinity ? WORD : written(value)),
    parse: (text) => (text.trim().toLowerCase() === WORD || read(text) === FREE ? Infinity : null),
  }
  const send = throttled(33, (value) => { speed.value = value === Infinity ? FREE : value })
  const use = (value) => { for (const part of both) part.show(value); send(value) }
  const both = [slider(spec, use), box(spec, use, complain)]
  const show = () => { for (const part of both) part.show(speed.value || Infinity) }
  speed.change.connect(show)
  show()
  const word = el("span", {"aria-hidden": "true"}, "speed")
  return el("div.speed", {title: "steps per second"}, word, both.map((part) => part.node))
}
