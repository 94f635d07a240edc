// The row of the tool for own data: what the pointer does on the stage, and its settings.

import {byPointer, el, icon, on} from "../page/dom.ts"
import type {Gaussian} from "./mixture.ts"

export type Mode = "draw" | "erase" | "gaussians" | "load"

const PEN = "M3 13l.8-3L10.5 3.3l2.2 2.2L6 12.2zM9 4.8l2.2 2.2"
const MODES: Readonly<Record<Mode, string>> = {
  draw: "draw points on the stage: they become the target",
  erase: "take points away",
  gaussians: "add, move and remove Gaussians: drag them, or use the arrow keys, + and -, [ and ], delete",
  load: "load or paste points, CSV or NPY",
}
const WIDEST = 0.5 // of the stage's half-width

export interface Acts {
  readonly open: (open: boolean) => void
  readonly mode: (mode: Mode) => void
  readonly width: () => void
  readonly clear: () => void
  readonly add: () => void
  readonly remove: () => void
  readonly change: (how: Partial<Gaussian>) => void
  readonly choose: () => void
  readonly paste: (text: string) => void
}

export interface Bar {
  readonly node: HTMLElement
  /** The brush's width, a share of the stage's half-width. */
  width(): number
  show(open: boolean, mode: Mode, chosen: Gaussian | null, alone: boolean): void
  say(text: string, kind?: "error"): void
}

function plain(text: string, title: string, act: () => void): HTMLButtonElement {
  const node = el("button", {type: "button", title}, text)
  return on(node, "click", (event) => {
    act()
    if (byPointer(event)) node.blur()
  })
}

/** A slider whose positions are powers from `low` to `high`, or even steps from 0. */
function slider(label: string, low: number, high: number, use: (value: number) => void) {
  const span = Math.log(high / low)
  const input = el("input", {type: "range", min: 0, max: 1, step: 0.01, "aria-label": label})
  const output = el("output")
  const value = () => Number((low * Math.exp(span * Number(input.value))).toPrecision(2))
  const show = (now: number) => {
    input.value = String(Math.log(Math.max(now, low) / low) / span)
    output.textContent = String(Number(now.toPrecision(3)))
    input.setAttribute("aria-valuetext", output.textContent)
  }
  on(input, "input", () => {
    show(value())
    use(value())
  })
  return {node: el("label", {}, label, input, output), value, show}
}

/** A box to paste points into. */
function pasting(use: (text: string) => void): HTMLElement {
  const area = el("textarea", {"aria-label": "points, two numbers a line", spellcheck: "false", placeholder: "x, y\n0.5, 1.25\n…"})
  const node = el("div.paste", {popover: "auto", role: "dialog", "aria-label": "paste points"},
    el("p", {}, "Two numbers a line, as a spreadsheet copies them:"), area,
    el("div.row", {}, plain("cancel", "close", () => { node.hidePopover() }), on(
      el("button.primary", {type: "button"}, "use these points"), "click", () => {
        node.hidePopover()
        use(area.value)
      })))
  on(node, "toggle", () => { if (node.matches(":popover-open")) area.focus() })
  return node
}

export function makeBar(acts: Acts): Bar {
  const open = on(el("button.open", {type: "button", "aria-expanded": "false",
    title: "own data: draw it, move Gaussians, load or paste a file"}, icon(PEN), "own data"), "click", () => { acts.open(true) })
  const modes = (Object.keys(MODES) as Mode[]).map((mode) => ({mode, node: plain(mode === "gaussians" ? "Gaussians" : mode, MODES[mode],
    () => { acts.mode(mode) })}))
  const width = slider("width", 0.02, WIDEST, () => { acts.width() })
  const sigma = slider("sigma", 0.005, 2, (value) => { acts.change({sigma: value}) })
  const weight = slider("weight", 0.05, 10, (value) => { acts.change({weight: value}) })
  const remove = plain("remove", "remove this Gaussian (delete)", acts.remove)
  const one = el("span.options", {}, sigma.node, weight.node, remove)
  const paste = pasting(acts.paste)
  const options: Readonly<Record<string, HTMLElement>> = {
    brush: el("span.options", {}, width.node, plain("clear", "begin with an empty stage", acts.clear)),
    gaussians: el("span.options", {}, plain("add", "add a Gaussian: or click on the stage", acts.add), one),
    load: el("span.options", {}, plain("choose a file", "a CSV or NPY file of two columns", acts.choose),
      plain("paste", "paste two columns of numbers", () => { paste.showPopover() })),
  }
  const line = el("span.line", {"aria-live": "polite"})
  const close = plain("done", "close the tool (escape)", () => { acts.open(false) })
  const tools = el("div.tools", {role: "group", "aria-label": "what the pointer does on the stage"}, modes.map(({node}) => node))
  const node = el("div.own", {role: "group", "aria-label": "own data"},
    open, el("div.first", {}, tools, close), el("div.second", {}, Object.values(options), line), paste)
  width.show(0.12)

  function show(isOpen: boolean, mode: Mode, chosen: Gaussian | null, alone: boolean): void {
    open.hidden = isOpen
    open.setAttribute("aria-expanded", String(isOpen))
    for (const part of [tools, close, line]) part.hidden = !isOpen
    for (const each of modes) each.node.setAttribute("aria-pressed", String(each.mode === mode))
    const now = mode === "draw" || mode === "erase" ? "brush" : mode
    for (const [name, part] of Object.entries(options)) part.hidden = !isOpen || name !== now
    one.hidden = chosen === null
    remove.disabled = alone
    if (chosen === null) return
    sigma.show(chosen.sigma)
    weight.show(chosen.weight)
  }
  function say(text: string, kind?: "error"): void {
    if (line.textContent !== text) line.textContent = text
    line.title = text
    line.dataset.kind = kind ?? ""
  }
  return {node, width: width.value, show, say}
}
