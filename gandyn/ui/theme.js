// Light, dark, or as the system has it; this browser remembers.

const THEMES = ["auto", "light", "dark"]

/** `name(choice)` is told at every change; returns the step to the next choice. */
export function makeTheme(model, name) {
  const dark = matchMedia("(prefers-color-scheme: dark)")
  const chosen = () => memory.get("theme") ?? "auto"
  const wear = () => {
    const choice = chosen()
    setFlag("theme", choice === "auto" ? (dark.matches ? "dark" : "light") : choice)
    name(choice)
  }
  dark.addEventListener("change", wear)
  model.on("remove", () => dark.removeEventListener("change", wear))
  wear()
  return () => {
    memory.set("theme", THEMES[(THEMES.indexOf(chosen()) + 1) % THEMES.length])
    wear()
  }
}
