// One tooltip for a whole component. It lies in the browser's top layer, so that no scrolling column cuts it off.

const CLICK = 300 // ms after a press in which the focus comes from it: who points hovers first
const WAIT = 350 // ms of rest before it opens: a hand that passes by opens nothing

export function makeTip() {
  const box = el("div.tip", {popover: "manual", role: "tooltip"})
  let timer = null, pointed = -Infinity

  function place(anchor) {
    const at = anchor.getBoundingClientRect(), own = box.getBoundingClientRect(), gap = 8
    const right = at.right + gap + own.width <= innerWidth
    const left = right ? at.right + gap : Math.max(gap, Math.min(at.left, innerWidth - own.width - gap))
    const below = at.bottom + gap + own.height <= innerHeight ? at.bottom + gap : at.top - own.height - gap
    const top = right ? Math.min(at.top - gap, innerHeight - own.height - gap) : below
    box.style.left = `${left}px`
    box.style.top = `${Math.max(gap, top)}px`
  }

  const hide = () => { clearTimeout(timer); if (box.matches(":popover-open")) box.hidePopover() }
  const show = (anchor, content) => {
    clearTimeout(timer)
    timer = setTimeout(() => {
      if (!box.isConnected) return
      box.replaceChildren(...content())
      if (!box.matches(":popover-open")) box.showPopover()
      place(anchor)
    }, WAIT)
  }

  /** Open it over `anchor` while `node` is hovered or focused by keyboard; any use of the control closes it. */
  function attach(node, anchor, content, wanted = () => true) {
    node.addEventListener("pointerenter", (event) => event.pointerType !== "touch" && wanted() && show(anchor, content))
    node.addEventListener("pointerleave", hide)
    node.addEventListener("pointerdown", () => { pointed = performance.now() }, {capture: true})
    node.addEventListener("focusin", () => performance.now() - pointed > CLICK && show(anchor, content))
    for (const name of ["focusout", "pointerdown", "input", "wheel"]) node.addEventListener(name, hide, {passive: true})
    node.addEventListener("keydown", (event) => event.key !== "Tab" && hide())
  }

  return {box, attach, hide}
}
