// Runs before anything is painted: the ground of the page in the theme that the person chose.
try {
  const chosen = JSON.parse(localStorage.getItem("gandyn.theme")) ?? "auto"
  const dark = chosen === "auto" ? matchMedia("(prefers-color-scheme: dark)").matches : chosen === "dark"
  document.documentElement.dataset.gandynTheme = dark ? "dark" : "light"
} catch { /* no storage: light */ }
