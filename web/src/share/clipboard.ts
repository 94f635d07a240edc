// The clipboard.

import {el} from "../page/dom.ts"

/** Copies a text; whether the browser let it. */
export async function copy(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text)
    return true
  } catch { // no permission, or a page without https: the old way works in both
    const area = el("textarea", {style: "position: fixed; opacity: 0"})
    area.value = text
    document.body.append(area)
    area.select()
    // eslint-disable-next-line @typescript-eslint/no-deprecated -- there is no other way where the clipboard is refused
    const done = document.execCommand("copy")
    area.remove()
    return done
  }
}
