// Formulas in plain letters, as the registries have them, set with Greek letters, subscripts and superscripts.

import {el} from "./dom.ts"

const SYMBOLS: Readonly<Record<string, string>> = {
  theta: "θ", lambda: "λ", delta: "δ", psi: "ψ", eps: "ε", beta: "β", grad: "∇",
  "<-": "←", "->": "→", "~": "∼", "-": "−",
}
const TOKEN = /(<-|->|theta|lambda|delta|psi|eps(?=\W|$)|beta|grad |~|-)|_(\w+)|\^(\w+|(?=\W|$))|(?<=beta|β)(\d)/g

export interface Part {readonly kind: "text" | "sub" | "sup", readonly text: string}

/** A formula as runs of text, below, above or on the line. */
export function parse(text: string): Part[] {
  const parts: Part[] = []
  let end = 0
  for (const match of text.matchAll(TOKEN)) {
    parts.push({kind: "text", text: text.slice(end, match.index)})
    const [whole, symbol, below, above, index] = match
    if (symbol) parts.push({kind: "text", text: SYMBOLS[symbol.trim()] ?? symbol})
    else if (below ?? index) parts.push({kind: "sub", text: below ?? index ?? ""})
    else if (above) parts.push({kind: "sup", text: above})
    else parts.push({kind: "text", text: "\u0302"}) // x^ is x with a hat
    end = match.index + whole.length
  }
  return [...parts, {kind: "text", text: text.slice(end)}]
}

export function formula(text: string): HTMLElement {
  return el("span.formula", {}, parse(text).map(({kind, text: run}) => (kind === "text" ? run : el(kind, {}, run))))
}
