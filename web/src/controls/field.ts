// One control: its label, its parts, its help, and the value that it shares with the server.

import {drawn} from "../time/buttons.ts"
import {el, on} from "../page/dom.ts"
import {formula} from "../page/formula.ts"
import {written} from "../page/numbers.ts"
import type {Value} from "../bokeh/panel.ts"
import {throttled} from "../page/throttled.ts"
import type {Tip} from "../page/tip.ts"
import {parts as makeParts, type Spec} from "./widgets.ts"

const PER_SECOND = 30

/** A control as Python describes it. */
export interface Control extends Omit<Spec, "aria" | "text" | "parse"> {
  readonly help: string
  readonly formula: string
  readonly unit: string
  readonly live: boolean
  readonly rare: boolean
}

export interface Field {
  readonly row: HTMLElement
  release(): void
}

/** What the tooltip of a control says now. */
function* help(control: Control, model: Value): Generator<HTMLElement> {
  const names = control.widget === "several" ? String(model.value).split("+") : [model.value]
  const choices = control.choices?.filter((entry) => names.includes(entry.value)) ?? []
  yield el("strong", {}, control.label)
  if (model.locked) yield el("p.reason", {}, `Cannot be changed: ${model.locked}.`)
  if (model.idle) yield el("p.reason", {}, `No effect now: ${model.idle}.`)
  yield el("p", {}, control.help)
  if (control.formula) yield formula(control.formula)
  for (const choice of choices) {
    if (choice.summary) yield el("p", {}, el("em", {}, choice.value), `: ${choice.summary}`)
    for (const part of choice.formula?.split(",  ") ?? []) yield formula(part)
    if (choice.cite) yield el("p.cite", {}, choice.cite)
  }
  const facts: string[] = []
  if (control.widget === "number") facts.push(`${written(control.low)} to ${written(control.high)}`)
  if (model.preset !== null) facts.push(`preset: ${written(model.preset) || "none"}`)
  if (!control.live) facts.push("starts the run again")
  if (facts.length) yield el("p.facts", {}, facts.join(" · "))
}

/** A row for a control of the group `group`, tied to the model that bears its value; `compare` puts a run beside this
 * one in which it has another value. */
export function field(control: Control, group: string, model: Value, tip: Tip, compare: () => void): Field {
  let waiting = false // a value is on its way: what arrives meanwhile is older
  const send = throttled(1000 / PER_SECOND, (value: unknown) => {
    waiting = false
    model.value = value
  })
  const changed = () => model.preset !== null && model.value !== model.preset
  const complain = (line: string) => { if (model.error !== line) model.error = line }
  const restore = () => { if (changed() && !model.locked) use(model.preset, true) }

  function use(value: unknown, done: boolean): void {
    for (const part of parts) part.show(value)
    if (!control.live && !done) return // a reset for every step of a moving slider would show nothing but resets
    complain("")
    waiting = true
    send(value)
  }

  const parts = makeParts({...control, aria: `${control.label}, ${group}`}, use, complain)
  const main = (parts.at(-1)!).inputs[0]!
  const id = `field-${control.name}`
  const label = el("label", {for: control.widget === "buttons" ? null : id}, control.label)
  if (control.unit) label.append(" ", el("span.unit", {}, control.unit))
  on(label, "dblclick", () => {
    restore()
    main.blur()
  })
  const back = on(el("button.back", {type: "button"}), "click", () => {
    restore()
    main.focus()
  })
  const comparing = `compare two values of ${control.label}, side by side`
  const versus = on(el("button.versus", {type: "button", title: comparing, "aria-label": comparing, tabindex: -1},
    drawn("compare")), "click", compare)
  const error = el("div.refusal", {role: "alert", hidden: true})
  const words = el("span.unseen", {id: `${id}-help`})
  const nodes = parts.map((part) => part.node)
  const row = el(`div.field.is-${control.widget}`, {"data-control": control.name}, back, label, versus, nodes, error, words)
  main.id = id
  for (const input of parts.flatMap((part) => part.inputs)) input.setAttribute("aria-describedby", words.id)

  function refresh(): void {
    if (!waiting) for (const part of parts) part.show(model.value)
    for (const part of parts) part.mark(model.preset)
    const plain = written(model.preset) || "none"
    row.classList.toggle("changed", changed())
    row.classList.toggle("idle", !!model.idle)
    row.classList.toggle("locked", !!model.locked)
    for (const node of [...nodes, versus]) node.inert = !!model.locked
    back.hidden = !changed() || !!model.locked
    back.title = `back to ${plain}, as in the preset`
    back.setAttribute("aria-label", `${control.label}: back to ${plain}`)
    words.textContent = [model.idle && `No effect now: ${model.idle}.`, control.help].filter(Boolean).join(" ")
    error.textContent = model.error
    error.hidden = !model.error
  }

  const content = () => help(control, model)
  tip.attach(label, row, content)
  for (const part of parts) tip.attach(part.node, row, content, () => !!(model.idle || control.choices))
  model.change.connect(refresh)
  refresh()
  return {row, release: () => { model.change.disconnect(refresh) }}
}
