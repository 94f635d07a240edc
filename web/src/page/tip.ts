// One tooltip for a whole component. It lies in the browser's top layer, so that no scrolling column cuts it off.

import {el, on} from "./dom.ts"

const CLICK = 300 // ms after a press in which the focus comes from it: who points hovers first
const WAIT = 350 // ms of rest before it opens: a hand that passes by opens nothing

type Content = () => Iterable<Node | string>

export interface Tip {
  readonly box: HTMLElement
  /** Opens it over `anchor` while `node` is hovered or focused by keyboard; any use of the control closes it. */
  attach(node: HTMLElement, anchor: HTMLElement, content: Content, wanted?: () => boolean): void
}

export function makeTip(): Tip {
  const box = el("div.tip", {popover: "manual", role: "tooltip"})
  let timer: ReturnType<typeof setTimeout> | undefined
  let pointed = -Infinity

  function place(anchor: HTMLElement): void {
    const at = anchor.getBoundingClientRect(), own = box.getBoundingClientRect(), gap = 8
    const right = at.right + gap + own.width <= innerWidth
    const left = right ? at.right + gap : Math.max(gap, Math.min(at.left, innerWidth - own.width - gap))
    const below = at.bottom + gap + own.height <= innerHeight ? at.bottom + gap : at.top - own.height - gap
    const top = right ? Math.min(at.top - gap, innerHeight - own.height - gap) : below
    box.style.left = `${left}px`
    box.style.top = `${Math.max(gap, top)}px`
  }

  const hide = () => {
    clearTimeout(timer)
    if (box.matches(":popover-open")) box.hidePopover()
  }
  const show = (anchor: HTMLElement, content: Content) => {
    clearTimeout(timer)
    timer = setTimeout(() => {
      if (!box.isConnected) return
      box.replaceChildren(...content())
      if (!box.matches(":popover-open")) box.showPopover()
      place(anchor)
    }, WAIT)
  }

  function attach(node: HTMLElement, anchor: HTMLElement, content: Content, wanted = () => true): void {
    on(node, "pointerenter", (event) => { if (event.pointerType !== "touch" && wanted()) show(anchor, content) })
    on(node, "pointerleave", hide)
    node.addEventListener("pointerdown", () => { pointed = performance.now() }, {capture: true})
    on(node, "focusin", () => { if (performance.now() - pointed > CLICK) show(anchor, content) })
    for (const name of ["focusout", "pointerdown", "input", "wheel"]) node.addEventListener(name, hide, {passive: true})
    on(node, "keydown", (event) => { if (event.key !== "Tab") hide() })
  }

  return {box, attach}
}
