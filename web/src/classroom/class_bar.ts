// The line above the laboratory for everybody in a class but the teacher.

import type {Component} from "../bokeh/panel.ts"
import type {FromClass} from "./messages.ts"
import {el, on, put} from "../page/dom.ts"
import {recall, remember} from "../page/memory.ts"
import {read, written} from "../page/numbers.ts"

interface Properties {
  readonly own: boolean // a run of one's own
  readonly number: number
  readonly stop: number | null // where every own run stands still
  readonly swept: string // the knob that everybody holds a value of; nothing: there is none
  readonly lane: number
  readonly value: number
  readonly said: string
}

/** The page of the class, or of a run of one's own: both begin with the class's present moment. */
function go(own: boolean): void {
  location.assign(own ? `${location.pathname}?own=1` : location.pathname)
}

export function render({model}: Component<Properties, FromClass>): HTMLElement {
  const words = el("span.words"), said = el("span.said", {role: "status"})
  const branch = on(el("button.go", {type: "button", "data-do": "branch"}, "Branch into a run of my own"), "click", () => { go(true) })
  const back = on(el("button.go", {type: "button", "data-do": "back-to-class"}, "Back to the class"), "click", () => { go(false) })
  const name = el("input", {type: "text", name: "name", maxlength: 24, autocomplete: "off", "aria-label": "your name", placeholder: "your name, if you like"})
  const knob = el("input", {type: "text", name: "knob", inputmode: "decimal", autocomplete: "off"})
  const label = el("span")
  const holding = el("label.holding", {hidden: true}, label, " ", knob)

  const call = () => { model.send_msg({type: "name", name: name.value}) }
  on(name, "change", () => {
    remember("name", name.value)
    call()
  })
  on(knob, "change", () => {
    const value = read(knob.value)
    if (value !== null) model.send_msg({type: "hold-knob", value})
    show()
  })
  for (const input of [name, knob]) on(input, "keydown", ({key}) => { if (key === "Enter") input.blur() })

  function show(): void {
    const sweeps = model.swept !== ""
    put(words, model.own ? "A run of your own" : "The class’s run, which the teacher steers")
    if (model.own && model.stop !== null) words.append(`, stopped at step ${model.stop.toLocaleString("en")}`)
    branch.hidden = model.own
    back.hidden = !model.own
    holding.hidden = model.own || !sweeps
    put(label, `GAN ${model.lane + 1} is yours: ${model.swept}`)
    if (!knob.matches(":focus")) knob.value = written(model.value)
    put(said, model.said)
    said.hidden = !model.said
  }
  model.on(["number", "stop", "swept", "lane", "value", "said"], show)
  name.value = recall("name") ?? ""
  const introduce = () => { if (model.number && name.value) call() }
  model.on("number", introduce)
  show()
  introduce()
  return el("div.class", {role: "group", "aria-label": "class"}, words, branch, back, holding, said, name)
}
