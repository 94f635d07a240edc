// The parts that a control is made of. Each calls `use(value, done)` at every change by hand; `done` is false while a
// slider still moves.

import {box} from "./box.ts"
import {el, on} from "../page/dom.ts"
import {beside, place, written} from "../page/numbers.ts"
import {several} from "./several.ts"

export interface Choice {
  readonly value: string
  readonly summary?: string
  readonly formula?: string
  readonly cite?: string
}

/** What the page knows of a control, as gandyn/ui/controls/controls.py describes it. */
export interface Spec {
  readonly name: string
  readonly label: string
  readonly title: string // the label with what it is of: the critic's rate
  readonly aria: string // its name for screen readers
  readonly widget: "number" | "text" | "list" | "several" | "buttons" | "tick"
  readonly choices?: readonly Choice[]
  readonly stops?: readonly number[]
  readonly low?: number
  readonly high?: number
  readonly integer?: boolean
  text?(value: unknown): string // how a value is written, and read back; null: cannot be read
  parse?(text: string): number | null
}

export type Use = (value: unknown, done: boolean) => void

export interface Part {
  readonly node: HTMLElement
  readonly inputs: readonly HTMLElement[]
  show(value: unknown): void
  mark(preset: unknown): void
}

const nothing = () => {}

const STRIDE: Readonly<Record<string, number>> = {
  ArrowRight: 1, ArrowUp: 1, ArrowLeft: -1, ArrowDown: -1, PageUp: 10, PageDown: -10,
}

function slider(spec: Spec, use: Use): Part {
  const stops = spec.stops ?? []
  let value = stops[0] ?? 0
  // Any position, not whole stops: a typed value between two stops is shown where it is.
  const input = el("input", {type: "range", min: 0, max: 1, step: "any", "aria-label": `${spec.label}, slider`})
  const tick = el("span.tick", {"aria-hidden": "true"})
  const node = el("div.slider", {}, input, tick)
  const show = (now: unknown) => {
    value = now as number
    const at = place(stops, value)
    input.value = String(at)
    input.setAttribute("aria-valuetext", spec.text?.(value) ?? written(value))
    node.style.setProperty("--at", String(at))
  }
  const take = (now: number, done: boolean) => {
    show(now)
    use(now, done)
  }
  on(input, "input", () => { take(stops[Math.round(Number(input.value) * (stops.length - 1))]!, false) })
  on(input, "change", () => { use(value, true) })
  on(input, "keydown", (event) => {
    const by = {...STRIDE, Home: -stops.length, End: stops.length}[event.key]
    if (by === undefined || event.ctrlKey || event.metaKey || event.altKey) return
    event.preventDefault()
    take(beside(stops, value, by), true)
  })
  const mark = (preset: unknown) => { node.style.setProperty("--preset", String(place(stops, preset as number))) }
  return {node, inputs: [input], show, mark}
}

function list(spec: Spec, use: Use): Part {
  const option = (choice: Choice) => el("option", {value: choice.value, title: choice.summary}, choice.value)
  const input = el("select", {name: spec.name, "aria-label": spec.aria}, spec.choices?.map(option))
  on(input, "change", () => { use(input.value, true) })
  const show = (value: unknown) => { input.value = String(value) }
  return {node: el("div.list", {}, input), inputs: [input], show, mark: nothing}
}

function buttons(spec: Spec, use: Use): Part {
  const choices = spec.choices ?? []
  const radios = choices.map(({value}) =>
    on(el("input", {type: "radio", name: spec.name, value}), "change", () => { use(value, true) }))
  const labels = choices.map(({value}, i) => el("label", {}, radios[i], el("span", {}, value)))
  const node = el("div.buttons", {role: "radiogroup", "aria-label": spec.aria}, labels)
  const show = (value: unknown) => { for (const radio of radios) radio.checked = radio.value === value }
  return {node, inputs: radios, show, mark: nothing}
}

function tick(spec: Spec, use: Use): Part {
  const input = el("input", {type: "checkbox", name: spec.name, "aria-label": spec.aria})
  on(input, "change", () => { use(spec.integer ? Number(input.checked) : input.checked, true) })
  return {node: el("div.check", {}, input), inputs: [input], show: (value) => { input.checked = !!value }, mark: nothing}
}

/** The parts of a control, the main one last. `complain` is told what cannot be read. */
export function parts(spec: Spec, use: Use, complain: (line: string) => void): [...Part[], Part] {
  switch (spec.widget) {
    case "number": return spec.stops?.length ? [slider(spec, use), box(spec, use, complain)] : [box(spec, use, complain)]
    case "text": return [box(spec, use, complain)]
    case "list": return [list(spec, use)]
    case "several": return [several(spec, use)]
    case "buttons": return [buttons(spec, use)]
    case "tick": return [tick(spec, use)]
  }
}
