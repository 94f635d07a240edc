// The keys of the page, wherever the focus is, unless what has it needs them itself.

const TYPES = "input:not([type=range], [type=checkbox], [type=radio]), textarea, select, option, [contenteditable]"
const NEEDS: Readonly<Record<string, string>> = {
  " ": "button, summary, input[type=checkbox], input[type=radio]", ArrowRight: "input", ArrowLeft: "input",
}

export type Keys = Readonly<Record<string, () => void>>

/** What of a KeyboardEvent matters here. */
export type KeyPress =
  Pick<KeyboardEvent, "key" | "ctrlKey" | "metaKey" | "altKey" | "repeat" | "preventDefault" | "composedPath">

/** A listener for keydown. `keys`: what each does; `busy()`: something lies over the page and only "?" is for it. */
export function makeKeys(keys: Keys, busy: () => boolean): (event: KeyPress) => void {
  return (event) => {
    const {key} = event
    const at = event.composedPath()[0] as Partial<Element> | undefined
    const within = (selector: string | undefined) => !!selector && !!at?.matches?.(selector)
    const act = Object.hasOwn(keys, key) ? keys[key] : undefined
    if (!act || event.ctrlKey || event.metaKey || event.altKey) return
    if (within(TYPES) || within(NEEDS[key])) return
    if ((busy() && key !== "?") || (event.repeat && !key.startsWith("Arrow"))) return
    event.preventDefault()
    act()
  }
}
