// What the components of the page share: elements, numbers, formulas, and the flags on the root element.

const SVG = "http://www.w3.org/2000/svg"

/** An element: attributes, `on...` listeners, and children (text, elements, null is left out). */
export function el(tag, attributes = {}, ...children) {
  const [name, ...classes] = tag.split(".")
  const node = document.createElement(name || "div")
  if (classes.length) node.className = classes.join(" ")
  for (const [key, value] of Object.entries(attributes)) {
    if (key.startsWith("on")) node.addEventListener(key.slice(2), value)
    else if (value === true) node.setAttribute(key, "")
    else if (value !== false && value != null) node.setAttribute(key, value)
  }
  node.append(...children.flat(Infinity).filter((child) => child != null))
  return node
}

/** An icon of 16 x 16 from the `d` of its paths: lines of 1.5, or a filled shape. */
export function icon(d, filled = false) {
  const svg = document.createElementNS(SVG, "svg")
  svg.setAttribute("viewBox", "0 0 16 16")
  svg.setAttribute("aria-hidden", "true")
  svg.setAttribute("class", filled ? "icon filled" : "icon")
  const path = document.createElementNS(SVG, "path")
  path.setAttribute("d", d)
  svg.append(path)
  return svg
}

/** A number as people write it, without loss: 0.001, 2e-4, 1000000. */
export function written(value) {
  if (typeof value !== "number" || !isFinite(value)) return String(value ?? "")
  const size = Math.abs(value)
  return size && (size < 1e-3 || size >= 1e16) ? value.toExponential() : String(value)
}

/** The number that a text stands for, a decimal comma included; null: none. */
export function read(text) {
  const plain = text.trim().replace(/^([^,.]*),([^,.]*)$/, "$1.$2").replace(/\u2212/g, "-")
  const value = Number(plain)
  return plain && isFinite(value) ? value : null
}

export const thousands = (n) => Math.round(n).toLocaleString("en-US")

/** The latest value is always sent, and at most one every `ms`: more would only queue on the way. */
export function throttled(ms, send) {
  let last = 0, timer = null, pending
  const go = () => { timer = null; last = performance.now(); send(pending) }
  return (value) => {
    pending = value
    const rest = last + ms - performance.now()
    if (rest <= 0 && timer === null) go()
    else timer ??= setTimeout(go, Math.max(rest, 0))
  }
}

const SYMBOLS = {
  theta: "θ", lambda: "λ", delta: "δ", psi: "ψ", eps: "ε", beta: "β", grad: "∇",
  "<-": "←", "->": "→", "~": "∼", "-": "−",
}
const TOKEN = /(<-|->|theta|lambda|delta|psi|eps(?=\W|$)|beta|grad |~|-)|_(\w+)|\^(\w+|(?=\W|$))|(?<=beta|β)(\d)/g

/** A formula in plain letters, set with Greek letters, subscripts and superscripts. */
export function formula(text) {
  const box = el("span.formula")
  let end = 0
  for (const match of text.matchAll(TOKEN)) {
    box.append(text.slice(end, match.index))
    const [whole, symbol, below, above, index] = match
    if (symbol) box.append(SYMBOLS[symbol.trim()])
    else if (below ?? index) box.append(el("sub", {}, below ?? index))
    else box.append(above ? el("sup", {}, above) : "\u0302") // x^ is x with a hat
    end = match.index + whole.length
  }
  box.append(text.slice(end))
  return box
}

/** Something that the whole page knows: `data-gandyn-NAME` on the root element, and the event `gandyn-NAME`. */
export function setFlag(name, value) {
  document.documentElement.setAttribute(`data-gandyn-${name}`, value)
  window.dispatchEvent(new CustomEvent(`gandyn-${name}`, {detail: value}))
}

export const getFlag = (name) => document.documentElement.getAttribute(`data-gandyn-${name}`) ?? ""

/** What this browser remembers between visits; private windows may refuse. */
export const memory = {
  get(key) { try { return JSON.parse(localStorage.getItem(`gandyn.${key}`)) } catch { return null } },
  set(key, value) { try { localStorage.setItem(`gandyn.${key}`, JSON.stringify(value)) } catch { /* refused */ } },
}

/** Listeners on the window that end with their component. */
export function listen(model, handlers) {
  for (const [name, handler] of Object.entries(handlers)) window.addEventListener(name, handler)
  model.on("remove", () => {
    for (const [name, handler] of Object.entries(handlers)) window.removeEventListener(name, handler)
  })
}
