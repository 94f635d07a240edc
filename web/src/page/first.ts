// A script of its own, which runs before anything is painted: the ground of the page in the theme that the person chose.
// And where the server refuses the sockets of this page, and so nothing is ever painted, it says so.

import {ask} from "../frames/connection.ts"
import {isDark} from "./themes.ts"
import {recall} from "./memory.ts"

const PATIENCE = 5000 // ms

document.documentElement.dataset.gandynTheme = isDark(recall("theme")) ? "dark" : "light"

async function explain(): Promise<void> {
  const place = document.querySelector("[data-root-id]"), meta = document.querySelector<HTMLMetaElement>("meta[name=gandyn-root]")
  if (!place || place.childElementCount || !meta) return
  if (await ask(new URL(meta.content, document.baseURI).href, "") !== "refused") return
  const line = document.createElement("p")
  line.setAttribute("role", "alert")
  line.textContent = `The server refuses this page: it lets none in from ${location.host} ` +
    `(gandyn serve --allow-websocket-origin ${location.host}), or you are logged out.`
  document.body.append(line)
}
addEventListener("load", () => { setTimeout(() => { void explain() }, PATIENCE) })
