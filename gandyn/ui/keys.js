// The keys of the page, wherever the focus is, unless what has it needs them itself.

const TYPES = "input:not([type=range], [type=checkbox], [type=radio]), textarea, select, option, [contenteditable]"
const NEEDS = {" ": "button, summary, input[type=checkbox], input[type=radio]", ArrowRight: "input"}

/** A listener for keydown. `keys`: what each does; `busy()`: something lies over the page and only "?" is for it. */
export function makeKeys(keys, busy) {
  return (event) => {
    const at = event.composedPath()[0], {key} = event
    if (!(key in keys) || event.ctrlKey || event.metaKey || event.altKey) return
    if (at.matches?.(TYPES) || (NEEDS[key] && at.matches?.(NEEDS[key]))) return
    if ((busy() && key !== "?") || (event.repeat && key !== "ArrowRight")) return
    event.preventDefault()
    keys[key]()
  }
}
