// The session as a file: the server sends the text, the browser keeps it.

/** Lets the browser save a file: `download({name, text})`. */
export function download({name, text}) {
  const url = URL.createObjectURL(new Blob([text], {type: "application/json"}))
  el("a", {href: url, download: name}).click()
  setTimeout(() => URL.revokeObjectURL(url), 60_000) // some browsers ask where to put it first
}
