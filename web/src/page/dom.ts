// Elements of the page.

const SVG = "http://www.w3.org/2000/svg"

type Attribute = string | number | boolean | null | undefined
type Child = Node | string | null | undefined
type Children = Child | readonly Children[]
// `keyof` would know the tags alone: "div.group" is a div with a class.
type TagOf<T extends string> = T extends `${infer Tag}.${string}` ? Tag : T
type ElementOf<T extends string> =
  TagOf<T> extends keyof HTMLElementTagNameMap ? HTMLElementTagNameMap[TagOf<T>] : HTMLElement

/** An element "tag.class.class": its attributes (true: set without a value; false, null: not set) and children. */
export function el<T extends string>(
  tag: T, attributes: Readonly<Record<string, Attribute>> = {}, ...children: readonly Children[]
): ElementOf<T> {
  const [name, ...classes] = tag.split(".")
  const node = document.createElement(name ?? "div")
  if (classes.length) node.className = classes.join(" ")
  for (const [key, value] of Object.entries(attributes)) {
    if (value === true) node.setAttribute(key, "")
    else if (value !== false && value != null) node.setAttribute(key, String(value))
  }
  node.append(...(children.flat() as Child[]).filter((child) => child != null))
  return node as ElementOf<T>
}

/** The element with a listener. */
export function on<T extends HTMLElement, K extends keyof HTMLElementEventMap>(
  node: T, event: K, listener: (event: HTMLElementEventMap[K]) => void,
): T {
  node.addEventListener(event, listener)
  return node
}

/** An icon of 16 x 16 from the `d` of its paths: lines of 1.5, or a filled shape. */
export function icon(d: string, filled = false): SVGSVGElement {
  const svg = document.createElementNS(SVG, "svg")
  svg.setAttribute("viewBox", "0 0 16 16")
  svg.setAttribute("aria-hidden", "true")
  svg.setAttribute("class", filled ? "icon filled" : "icon")
  const path = document.createElementNS(SVG, "path")
  path.setAttribute("d", d)
  svg.append(path)
  return svg
}

/** Writes a text where it is not there yet, so that nothing is laid out again for the same. */
export function put(node: Element, text: string): void {
  if (node.textContent !== text) node.textContent = text
}

/** Whether an event comes from a pointer: a click by keyboard has no detail. After one the keys are the page's again. */
export const byPointer = (event: UIEvent): boolean => event.detail > 0
