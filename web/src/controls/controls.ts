// The column of controls: groups that fold, live ones first, those that start the run again apart.

import {el, on} from "../page/dom.ts"
import {type Control, type Field, field} from "./field.ts"
import type {FromControls} from "../messages.ts"
import {recall, remember} from "../page/memory.ts"
import {type Component, owned} from "../bokeh/panel.ts"
import {letter} from "../compare/letter.ts"
import {makeTip} from "../page/tip.ts"

interface Group {
  readonly name: string
  readonly title: string
  readonly live: boolean
  readonly open: boolean
  readonly controls: readonly Control[]
}

/** A part that folds; this browser remembers whether it was open. */
function fold(key: string, open: boolean, title: string, className: string, rest: readonly HTMLElement[]): HTMLElement {
  const node = el(`details.${className}`, {open: recall("folds")?.[key] ?? open}, el("summary", {}, title), rest)
  return on(node, "toggle", () => { remember("folds", {...recall("folds"), [key]: node.open}) })
}

interface Properties {
  readonly groups: readonly Group[]
  readonly runs: number
  readonly steered: number | null // null: all runs
}

/** Which run the controls are for, where several are compared. */
function makeSteering(steer: (which: number | null) => void): {node: HTMLElement, show(runs: number, which: number | null): void} {
  const choices = el("div.choices", {role: "group", "aria-label": "which run the controls are for"})
  const node = el("div.steering", {hidden: true}, el("span", {}, "Controls for"), choices)
  function show(runs: number, which: number | null): void {
    node.hidden = runs < 2
    const all = [...Array(runs).keys(), null]
    choices.replaceChildren(...all.map((one) => on(el("button", {
      type: "button", "aria-pressed": String(one === which),
      title: one === null ? "a change is made to all of them" : `a change is made to ${letter(one)} alone`,
    }, one === null ? "all" : letter(one)), "click", () => { steer(one) })))
  }
  return {node, show}
}

export function render({model, view}: Component<Properties, FromControls>): HTMLElement {
  const root = el("div.groups", {role: "group", "aria-label": "controls"})
  const steering = makeSteering((run) => { model.send_msg({type: "steer", run}) })
  const tip = makeTip()
  let fields: Field[] = []

  function group({name, title, open, controls}: Group): HTMLElement {
    const own = controls.map((control) => ({control, one: field(control, title, owned(view, control.name), tip, () => {
      model.send_msg({type: "compare-control", control: control.name})
    })}))
    fields.push(...own.map(({one}) => one))
    const rows = (rare: boolean) => own.filter(({control}) => control.rare === rare).map(({one}) => one.row)
    const more = rows(true)
    const body = rows(false)
    if (more.length) body.push(fold(`${name}.more`, false, "more", "more", more))
    return fold(name, open, title, "group", body)
  }

  const release = () => { for (const one of fields) one.release() }

  function build(): void {
    release()
    fields = []
    const live = model.groups.filter((spec) => spec.live).map(group)
    const anew = model.groups.filter((spec) => !spec.live).map(group)
    const heading = el("p.anew", {}, el("strong", {}, "Start again"), " a change here begins the run anew, at step 0; z brings back the one before")
    const focused = (root.getRootNode() as Document | ShadowRoot).activeElement?.id
    root.replaceChildren(steering.node, ...live, heading, ...anew, tip.box)
    if (focused) root.querySelector<HTMLElement>(`[id="${focused}"]`)?.focus()
  }

  const steered = () => { steering.show(model.runs, model.steered) }
  build()
  steered()
  model.on("groups", build)
  model.on(["runs", "steered"], steered)
  model.on("remove", release)
  return root
}
