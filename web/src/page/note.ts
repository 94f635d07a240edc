// What there is to see, in the preset's words: as much as fits, and the rest behind "more".

import {el, on} from "./dom.ts"

export interface Words {
  readonly summary?: string
  readonly note?: string
  readonly cite?: string
}

export interface Note {
  readonly node: HTMLElement
  say(words: Words): void
  /** Looks what fits now, and tells the style sheet of `page` where the note stands. */
  measure(page: HTMLElement): void
}

export function makeNote(): Note {
  const node = el("div.note", {role: "note", "aria-label": "what to see"})
  const whole = el("div.whole", {popover: "auto"})
  const more = on(el("button.more", {type: "button"}, "more"), "click", () => { whole.togglePopover() })

  function say({summary = "", note = "", cite = ""}: Words): void {
    const lead = summary && `${summary.charAt(0).toUpperCase()}${summary.slice(1)}. `
    const words = () => el("p", {}, el("strong", {}, lead), note, cite ? el("cite", {}, ` ${cite}`) : "")
    whole.replaceChildren(words())
    node.replaceChildren(words(), more, whole)
  }

  // Where it is hidden, a notice stands at the foot of the stages.
  function place(page: HTMLElement): {left: number, top: number, width: number} {
    const own = node.getBoundingClientRect(), stage = page.querySelector(".stage")?.getBoundingClientRect()
    if (own.width || !stage) return own
    return {left: stage.left + 8, top: stage.bottom - 72, width: Math.min(stage.width - 16, 720)}
  }

  function measure(page: HTMLElement): void {
    requestAnimationFrame(() => {
      const short = node.firstElementChild, {left, top, width} = place(page)
      if (short) more.hidden = short.scrollHeight <= short.clientHeight + 1
      for (const [name, value] of Object.entries({left, top, width})) {
        page.style.setProperty(`--note-${name}`, `${value}px`)
      }
    })
  }

  return {node, say, measure}
}
