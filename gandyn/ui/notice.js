// One line that something happened, with the way on. It covers nothing, and stays until it is dismissed or mended.

const ACTIONS = {rewind: "Rewind to the last finite state", reset: "Reset", default: "Open the default"}

/**
 * {node, show({text, action, kind, id} | null), frame(...)}: another notice opens the line, the same one does not come
 * back once dismissed. What comes with frames also goes with them.
 */
export function makeNotice(act) {
  const text = el("span"), button = el("button.action", {type: "button"})
  const cross = icon("M4 4l8 8M12 4l-8 8")
  const close = el("button.close", {type: "button", title: "dismiss", "aria-label": "dismiss"}, cross)
  const node = el("div.notice", {role: "alert", hidden: true}, text, button, close)
  let current = "", framed = false
  close.addEventListener("click", () => { node.hidden = true })
  button.addEventListener("click", () => { node.hidden = true; act(button.value) })

  function show(notice) {
    const key = notice ? JSON.stringify(notice) : ""
    if (key === current) return
    current = key
    node.hidden = !notice
    if (!notice) return
    node.dataset.kind = notice.kind ?? "error"
    text.textContent = notice.text
    button.hidden = !(notice.action in ACTIONS)
    button.value = notice.action
    button.textContent = ACTIONS[notice.action]
  }

  function frame(notice) {
    if (notice || framed) show(notice ?? null)
    framed = !!notice
  }

  return {node, show, frame}
}
