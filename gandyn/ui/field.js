// One control: its label, its parts, its help, and the value that it shares with the server.

const PER_SECOND = 30

/** A row for `spec`, tied to the model that bears its value. */
export function field(spec, model, tip) {
  spec.aria ??= `${spec.label}, ${spec.group}`
  const send = throttled(1000 / PER_SECOND, (value) => { waiting = false; model.value = value })
  let waiting = false // a value is on its way: what arrives meanwhile is older

  function use(value, done) {
    for (const part of parts) part.show(value)
    if (!spec.live && !done) return // a reset for every step of a moving slider would show nothing but resets
    complain("")
    waiting = true
    send(value)
  }
  const complain = (line) => { if (model.error !== line) model.error = line }
  const restore = () => { if (changed()) use(model.preset, true) }
  const changed = () => model.preset !== null && model.value !== model.preset

  const makers = {
    number: spec.stops?.length ? [slider, box] : [box], text: [box], list: [list], buttons: [buttons], tick: [tick],
  }
  const parts = makers[spec.widget].map((make) => make(spec, use, complain))
  const main = parts.at(-1).inputs[0]
  const id = `field-${spec.name}`
  const label = el("label", {for: spec.widget === "buttons" ? null : id}, spec.label)
  if (spec.unit) label.append(" ", el("span.unit", {}, spec.unit))
  label.addEventListener("dblclick", () => { restore(); main.blur() })
  const back = el("button.back", {type: "button", onclick: () => { restore(); main.focus() }})
  const error = el("div.refusal", {role: "alert", hidden: true})
  const words = el("span.unseen", {id: `${id}-help`})
  const nodes = parts.map((part) => part.node)
  const row = el(`div.field.is-${spec.widget}`, {"data-control": spec.name}, back, label, nodes, error, words)
  main.id = id
  for (const input of parts.flatMap((part) => part.inputs)) input.setAttribute("aria-describedby", words.id)

  function refresh() {
    if (!waiting) for (const part of parts) part.show(model.value)
    for (const part of parts) part.mark(model.preset)
    const plain = written(model.preset) || "none"
    row.classList.toggle("changed", changed())
    row.classList.toggle("idle", !!model.idle)
    back.hidden = !changed()
    back.title = `back to ${plain}, as in the preset`
    back.setAttribute("aria-label", `${spec.label}: back to ${plain}`)
    words.textContent = [model.idle && `No effect now: ${model.idle}.`, spec.help].filter(Boolean).join(" ")
    error.textContent = model.error
    error.hidden = !model.error
  }

  function* help() {
    const choice = spec.choices?.find((entry) => entry.value === model.value)
    yield el("strong", {}, spec.label)
    if (model.idle) yield el("p.reason", {}, `No effect now: ${model.idle}.`)
    yield el("p", {}, spec.help)
    if (spec.formula) yield formula(spec.formula)
    if (choice?.summary) yield el("p", {}, el("em", {}, choice.value), `: ${choice.summary}`)
    for (const part of choice?.formula?.split(",  ") ?? []) yield formula(part)
    if (choice?.cite) yield el("p.cite", {}, choice.cite)
    const facts = []
    if (spec.widget === "number") facts.push(`${written(spec.low)} to ${written(spec.high)}`)
    if (model.preset !== null) facts.push(`preset: ${written(model.preset) || "none"}`)
    if (!spec.live) facts.push("starts the run again")
    if (facts.length) yield el("p.facts", {}, facts.join(" · "))
  }

  tip.attach(label, row, help)
  for (const part of parts) tip.attach(part.node, row, help, () => model.idle || spec.choices)
  model.change.connect(refresh)
  refresh()
  return {row, changed, main, release: () => model.change.disconnect(refresh)}
}
