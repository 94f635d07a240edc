// What a person chooses of a view of choice, and the arrow that has it computed anew from the present moment.

import {el, icon, on} from "../page/dom.ts"
import {face} from "../time/buttons.ts"

const AGAIN = "M13 8a5 5 0 1 1-1.6-3.7M13.5 2v3h-3"

/** Something to be chosen, as the server offers it (Choice in gandyn/ui/studies). */
export interface DeclaredChoice {
  readonly name: string
  readonly label: string
  readonly options: Readonly<Record<string, string>> // each with its label; none: it is typed
  readonly value: string
  readonly hint: string // of what is typed: what is taken where nothing is
  readonly clears: readonly string[] // others that are taken back when this one is another
}

export interface ChoiceBar {
  readonly node: HTMLElement
  show(choices: readonly DeclaredChoice[]): void
}

type Field = HTMLSelectElement | HTMLInputElement

/** `choose` gets what is chosen, by name, after each change and when the arrow is pressed. */
export function makeChoices(study: string, choose: (chosen: Record<string, string>) => void): ChoiceBar {
  const fields = new Map<string, Field>(), rows = el("div.fields")
  const send = () => { choose(Object.fromEntries([...fields].map(([name, field]) => [name, field.value.trim()]))) }
  const again = on(el("button.again", {type: "button"}, icon(AGAIN)), "click", send)
  face(again, "from here: compute it anew from the present moment")
  const node = el("div.choices", {hidden: true}, rows, again)
  let structure = ""

  function row({name, label, options, clears}: DeclaredChoice): HTMLElement {
    const named = {name: `choice-${study}-${name}`, "aria-label": label}, several = Object.entries(options)
    const field: Field = several.length
      ? el("select", named, several.map(([one, title]) => el("option", {value: one}, title)))
      : el("input", {...named, type: "text", inputmode: "decimal", size: 6, maxlength: 24})
    on(field as HTMLElement, "change", () => {
      for (const other of clears) {
        const cleared = fields.get(other)
        if (cleared) cleared.value = ""
      }
      send()
    })
    fields.set(name, field)
    return el("label", {}, el("span", {}, label), field)
  }
  return {
    node,
    show(choices) {
      const now = JSON.stringify(choices.map(({name, label, options}) => [name, label, options]))
      if (now !== structure) {
        structure = now
        fields.clear()
        rows.replaceChildren(...choices.map(row))
        node.hidden = choices.length === 0
      }
      for (const {name, value, hint} of choices) {
        const field = fields.get(name)!
        if (!field.matches(":focus")) field.value = value // what somebody types there stays
        if (field instanceof HTMLInputElement) field.placeholder = hint
      }
    },
  }
}
