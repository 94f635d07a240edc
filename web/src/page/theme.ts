// The choice of a theme; this browser remembers.

import {recall, remember} from "./memory.ts"
import type {Page} from "./page_state.ts"
import {isDark, system, THEMES} from "./themes.ts"

export interface Theme {
  next: () => void // goes to the next choice
  stop: () => void
}

/** `name(choice)` is told at every change. */
export function makeTheme(page: Page, name: (choice: string) => void): Theme {
  const dark = system()
  const chosen = () => recall("theme") ?? "auto"
  const wear = () => {
    const theme = isDark(chosen()) ? "dark" : "light"
    document.documentElement.dataset.gandynTheme = theme // for the style sheets
    page.set({theme})
    name(chosen())
  }
  dark.addEventListener("change", wear)
  wear()
  const next = () => {
    remember("theme", THEMES[(THEMES.indexOf(chosen()) + 1) % THEMES.length]!)
    wear()
  }
  return {next, stop: () => { dark.removeEventListener("change", wear) }}
}
