// The parts that a control is made of. Each: {node, inputs, show(value), mark(preset)}, and calls `use(value, done)`
// at every change by hand; `done` is false while a slider still moves.

const clamp = (value, low, high) => Math.min(Math.max(value, low), high)

/** Where a value lies among rising stops, from 0 to 1; between two stops in proportion. */
export function place(stops, value) {
  const last = stops.length - 1
  if (last < 1) return 0
  const exact = stops.indexOf(value)
  if (exact >= 0) return exact / last
  const above = stops.findIndex((stop) => stop > value)
  if (above <= 0) return above ? 1 : 0
  const [a, b] = [stops[above - 1], stops[above]]
  return (above - 1 + (value - a) / (b - a)) / last
}

/** The stop that is `by` stops from a value; from between two stops the next one on that side is the first. */
export function beside(stops, value, by) {
  const at = place(stops, value) * (stops.length - 1)
  const start = by > 0 ? Math.floor(at + 1e-9) : Math.ceil(at - 1e-9)
  return stops[clamp(start + by, 0, stops.length - 1)]
}

const STRIDE = {ArrowRight: 1, ArrowUp: 1, ArrowLeft: -1, ArrowDown: -1, PageUp: 10, PageDown: -10}

export function slider(spec, use) {
  const {stops} = spec
  let value = stops[0]
  // Any position, not whole stops: a typed value between two stops is shown where it is.
  const input = el("input", {type: "range", min: 0, max: 1, step: "any", "aria-label": `${spec.label}, slider`})
  const tick = el("span.tick", {"aria-hidden": "true"})
  const node = el("div.slider", {}, input, tick)
  const show = (now) => {
    value = now
    const at = place(stops, now)
    input.value = at
    input.setAttribute("aria-valuetext", spec.text?.(now) ?? written(now))
    node.style.setProperty("--at", at)
  }
  const take = (now, done) => { show(now); use(now, done) }
  input.addEventListener("input", () => take(stops[Math.round(input.value * (stops.length - 1))], false))
  input.addEventListener("change", () => use(value, true))
  input.addEventListener("keydown", (event) => {
    const by = {...STRIDE, Home: -stops.length, End: stops.length}[event.key]
    if (by === undefined || event.ctrlKey || event.metaKey || event.altKey) return
    event.preventDefault()
    take(beside(stops, value, by), true)
  })
  const mark = (preset) => node.style.setProperty("--preset", place(stops, preset))
  return {node, inputs: [input], show, mark}
}

/** A box to type into; what cannot be read is told in `complain` and undone. */
export function box(spec, use, complain) {
  let value = null
  const number = spec.widget === "number"
  const input = el("input", {
    type: "text", name: spec.name, "aria-label": spec.aria, autocomplete: "off", spellcheck: "false",
    inputmode: number ? (spec.integer ? "numeric" : "decimal") : null, placeholder: number ? null : "none",
  })
  const node = el(number ? "div.box.number" : "div.box", {}, input)
  const shownAs = (now) => (number ? spec.text?.(now) ?? written(now) : String(now ?? ""))
  const show = (now) => { value = now; if (!input.matches(":focus") || !node.dirty) input.value = shownAs(now) }
  const restore = () => { node.dirty = false; input.value = shownAs(value) }
  const commit = () => {
    if (!node.dirty) return
    const text = input.value
    const entered = number ? spec.parse?.(text) ?? read(text) : text.trim()
    if (entered === null) complain(`${spec.label} must be a number, not “${text.trim()}”`)
    else if (entered !== value) { value = entered; use(entered, true) }
    restore()
  }
  const step = (by) => { node.dirty = false; const now = stride(by); show(now); use(now, true) }
  const stride = (by) => (spec.stops?.length ? beside(spec.stops, value, by) : clamp(value + by, spec.low, spec.high))
  input.addEventListener("input", () => { node.dirty = true })
  input.addEventListener("blur", commit)
  input.addEventListener("focus", () => input.select())
  input.addEventListener("keydown", (event) => {
    if (event.key === "Escape") restore()
    // Out of the box, so that the keys are the page's again; Tab goes on from here.
    if (event.key === "Enter" || event.key === "Escape") input.blur()
    else if (number && (event.key === "ArrowUp" || event.key === "ArrowDown")) {
      event.preventDefault()
      commit()
      step(event.key === "ArrowUp" ? 1 : -1)
    }
  })
  if (spec.integer && number) {
    const button = (sign, by, word) => {
      const attributes = {type: "button", tabindex: -1, "aria-label": `${word} ${spec.label}`}
      return el("button", {...attributes, onclick: () => step(by)}, sign)
    }
    node.replaceChildren(button("−", -1, "decrease"), input, button("+", 1, "increase"))
    node.classList.add("stepper")
  }
  return {node, inputs: [input], show, mark() {}}
}

export function list(spec, use) {
  const option = (choice) => el("option", {value: choice.value, title: choice.summary}, choice.value)
  const input = el("select", {name: spec.name, "aria-label": spec.aria}, spec.choices.map(option))
  input.addEventListener("change", () => use(input.value, true))
  return {node: el("div.list", {}, input), inputs: [input], show: (value) => { input.value = value }, mark() {}}
}

export function buttons(spec, use) {
  const radios = spec.choices.map(({value}) =>
    el("input", {type: "radio", name: spec.name, value, onchange: () => use(value, true)}))
  const labels = spec.choices.map(({value}, i) => el("label", {}, radios[i], el("span", {}, value)))
  const node = el("div.buttons", {role: "radiogroup", "aria-label": spec.aria}, labels)
  return {node, inputs: radios, show: (value) => radios.forEach((r) => { r.checked = r.value === value }), mark() {}}
}

export function tick(spec, use) {
  const input = el("input", {type: "checkbox", name: spec.name, "aria-label": spec.aria})
  input.addEventListener("change", () => use(spec.integer ? Number(input.checked) : input.checked, true))
  return {node: el("div.check", {}, input), inputs: [input], show: (value) => { input.checked = !!value }, mark() {}}
}
