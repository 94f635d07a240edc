// Light, dark, or as the system has it.

export const THEMES = ["auto", "light", "dark"]

export const system = (): MediaQueryList => matchMedia("(prefers-color-scheme: dark)")

/** Whether a choice means dark; none is "auto". */
export const isDark = (choice: string | null): boolean =>
  (choice ?? "auto") === "auto" ? system().matches : choice === "dark"
