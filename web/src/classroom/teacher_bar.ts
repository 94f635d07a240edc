// The line above the laboratory for the teacher: who is there, and the dialog in which the class is steered.

import type {Component} from "../bokeh/panel.ts"
import type {FromTeacher} from "./messages.ts"
import {el, on, put} from "../page/dom.ts"
import {type Fixable, makeRules} from "./rules.ts"
import {read} from "../page/numbers.ts"

interface Properties {
  readonly watching: number
  readonly own: number
  readonly fixable: readonly Fixable[]
  readonly locked: readonly string[]
  readonly hidden: readonly string[]
  readonly preset: readonly string[]
  readonly stop: number | null
  readonly knobs: readonly {readonly name: string, readonly title: string}[]
  readonly swept: string
  readonly said: string
}

const RANGES: Readonly<Record<string, readonly [string, string]>> = {lr_d: ["1e-5", "1e-2"], lr_g: ["1e-5", "1e-2"]}

/** How many there are of something, in words. */
export const counted = (n: number, one: string, several: string): string => `${n} ${n === 1 ? one : several}`

export function render({model}: Component<Properties, FromTeacher>): HTMLElement {
  const there = el("span.words"), fixed = el("span.fixed"), said = el("span.said", {role: "status"})
  const send = (message: FromTeacher) => { model.send_msg(message) }
  const rules = makeRules((rule, control, checked) => { send({type: "fix", rule, control, on: checked}) })

  const step = el("input", {type: "text", name: "stop-step", inputmode: "numeric", "aria-label": "step", value: "1000"})
  const stop = on(el("button", {type: "button", "data-do": "stop-all"}, "Stop all"), "click", () => {
    const at = read(step.value)
    if (at !== null && at >= 0) send({type: "stop-all", step: Math.round(at)})
  })
  const release = on(el("button", {type: "button", "data-do": "release"}, "Release"), "click", () => { send({type: "stop-all", step: null}) })
  const push = on(el("button", {type: "button", "data-do": "push"}, "Push this moment to every own run"), "click", () => { send({type: "push"}) })

  const knob = el("select", {name: "knob", "aria-label": "knob"})
  const low = el("input", {type: "text", name: "low", inputmode: "decimal", "aria-label": "from"})
  const high = el("input", {type: "text", name: "high", inputmode: "decimal", "aria-label": "to"})
  const suggest = () => { [low.value, high.value] = RANGES[knob.value] ?? ["0", "1"] }
  on(knob, "change", suggest)
  const sweep = on(el("button", {type: "button", "data-do": "sweep"}, "One GAN for each"), "click", () => {
    const from = read(low.value), to = read(high.value)
    if (from !== null && to !== null) send({type: "sweep", control: knob.value, low: from, high: to})
  })
  const end = on(el("button", {type: "button", "data-do": "end-sweep"}, "End the sweep"), "click", () => { send({type: "sweep", control: "", low: 0, high: 0}) })

  const close = el("button.close", {type: "button"}, "Close")
  const answer = el("p.said", {role: "status"})
  const dialog = el("dialog.dialog", {"aria-label": "class"}, close,
    el("h2", {}, "Class"), answer,
    el("section", {}, el("h3", {}, "Own runs"),
      el("div.line", {}, "at step ", step, stop, release), el("div.line", {}, push)),
    el("section", {}, el("h3", {}, "The class as a sweep"),
      el("div.line", {}, knob, " from ", low, " to ", high, sweep, end),
      el("p", {}, "Everybody holds one GAN and its value of the knob; all go in step from step 0 on, each from a seed of its own.")),
    el("section", {}, el("h3", {}, "Controls in own runs"), rules.node))
  on(close, "click", () => { dialog.close() })
  on(dialog, "click", (event) => { if (event.target === dialog) dialog.close() })
  const open = on(el("button.go", {type: "button", "data-do": "class"}, "Class …"), "click", () => { dialog.showModal() })

  function show(): void {
    put(there, `Class: ${model.watching} watching, ${counted(model.own, "own run", "own runs")}`)
    const marks = [
      model.stop === null ? "" : `stopped at step ${model.stop.toLocaleString("en")}`,
      model.locked.length ? `${model.locked.length} locked` : "", model.hidden.length ? `${model.hidden.length} hidden` : "",
      model.preset.length ? `${model.preset.length} preset` : "", model.swept ? `sweep of ${model.swept}` : "",
    ]
    put(fixed, marks.filter(Boolean).join(" · "))
    for (const node of [said, answer]) {
      put(node, model.said)
      node.hidden = !model.said
    }
    release.disabled = model.stop === null
    end.disabled = !model.swept
    push.disabled = !model.own
    rules.show(model.fixable, model)
    if (knob.options.length !== model.knobs.length) {
      knob.replaceChildren(...model.knobs.map(({name, title}) => el("option", {value: name, selected: name === "lr_d"}, title)))
      suggest()
    }
  }
  model.on(["watching", "own", "fixable", "locked", "hidden", "preset", "stop", "knobs", "swept", "said"], show)
  show()
  return el("div.class.teacher", {role: "group", "aria-label": "class"}, there, open, fixed, said, dialog)
}
