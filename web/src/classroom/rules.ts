// The check boxes of the dialog: for every control whether it is locked, hidden or preset in own runs.

import type {Fix} from "./messages.ts"
import {el, on} from "../page/dom.ts"

/** A control that a rule may be for. */
export interface Fixable {
  readonly name: string
  readonly label: string
  readonly group: string
  readonly follows: boolean // it may have the value that it has in the class's run
}

export type Fixed = Readonly<Record<Fix["rule"], readonly string[]>>

const COLUMNS: readonly (readonly [Fix["rule"], string, string])[] = [
  ["locked", "lock", "cannot be changed"],
  ["hidden", "hide", "is not shown, and cannot be changed"],
  ["preset", "preset", "has the value that it has in the class’s run, now and when that changes"],
]

export interface RulesTable {
  readonly node: HTMLElement
  show(controls: readonly Fixable[], fixed: Fixed): void
}

export function makeRules(fix: (rule: Fix["rule"], control: string, on: boolean) => void): RulesTable {
  const head = el("thead", {}, el("tr", {}, el("th", {}), COLUMNS.map(([, word, title]) => el("th", {title, scope: "col"}, word))))
  const body = el("tbody")
  let listed = ""
  const boxes = new Map<string, HTMLInputElement>(), current = new Map<Fix["rule"], string>()

  function row({name, label, follows}: Fixable): HTMLElement {
    return el("tr", {}, el("th", {scope: "row", title: name}, label), COLUMNS.map(([rule, word, title]) => {
      if (rule === "preset" && !follows) return el("td")
      const input = el("input", {type: "checkbox", name: `${rule}-${name}`, "aria-label": `${word} ${label}`, title})
      boxes.set(`${rule} ${name}`, input)
      return el("td", {}, on(input, "change", () => { fix(rule, name, input.checked) }))
    }))
  }
  function build(controls: readonly Fixable[]): void {
    const names = controls.map(({name}) => name).join(" ")
    if (names === listed) return
    listed = names
    boxes.clear()
    const groups = [...new Set(controls.map(({group}) => group))]
    body.replaceChildren(...groups.flatMap((name) => [
      el("tr.group", {}, el("th", {colspan: 4}, name)), ...controls.filter(({group}) => group === name).map(row),
    ]))
  }
  function show(controls: readonly Fixable[], fixed: Fixed): void {
    build(controls)
    for (const [rule] of COLUMNS) {
      const names = `${listed}: ${fixed[rule].join(" ")}`
      if (current.get(rule) === names) continue // a click on another rule is still on its way
      current.set(rule, names)
      for (const {name} of controls) {
        const box = boxes.get(`${rule} ${name}`)
        if (box) box.checked = fixed[rule].includes(name)
      }
    }
  }
  return {node: el("table", {}, head, body), show}
}
