// The frame of the page: where the parts stand, the layers of the stage, and the words on what there is to see.

const SWATCH = {
  map: "M1.5 3.5h13v9h-13z", contours: "M2 11c3-8 9 4 12-6", arrows: "M2 14L13 3M7.5 3H13v5.5",
  modes: "M8 2.5a5.5 5.5 0 1 0 .01 0z", real: "M8 3.5a4.5 4.5 0 1 0 .01 0z", generated: "M8 3l5.5 10h-11z",
}
const LAYER_WORDS = {
  map: "what the critic thinks of every point", contours: "lines of equal critic, the thick one undecided",
  arrows: "the gradient that each generated sample follows",
  modes: "three standard deviations around each mode, dark where it is covered",
  real: "real samples: circles", generated: "generated samples: triangles",
}
const ENLARGED = 1.4 // for a projector
const NARROW = "(max-width: 1159px)" // no room for the controls beside the rest

export function render({model}) {
  const chips = model.layers.map((name) => {
    const input = el("input", {type: "checkbox", name: `layer-${name}`, checked: true, onchange: showLayers})
    input.addEventListener("click", (event) => event.detail && input.blur())
    const filled = name === "real" || name === "generated"
    return el(`label.chip.${name}`, {title: LAYER_WORDS[name]}, input, icon(SWATCH[name], filled), name)
  })
  function showLayers() {
    const visible = model.layers.filter((_, i) => chips[i].firstChild.checked)
    tellFeed({layers: model.lanes > 1 ? [...visible, "many"] : visible})
  }
  // The feed draws: layers, theme and scale are properties of its own model.
  function tellFeed(properties) {
    model.feed?.data.setv(properties)
  }

  const note = el("div.note", {role: "note", "aria-label": "what to see"})
  const whole = el("div.whole", {popover: "auto"})
  const more = el("button.more", {type: "button", onclick: () => whole.togglePopover()}, "more")
  function say() {
    const {summary = "", note: text = "", cite = ""} = model.words
    const lead = summary && `${summary[0].toUpperCase()}${summary.slice(1)}. `
    const words = () => el("p", {}, el("strong", {}, lead), text, cite && el("cite", {}, ` ${cite}`))
    whole.replaceChildren(words())
    note.replaceChildren(words(), more, whole)
    measure()
  }
  const measure = () => requestAnimationFrame(() => {
    const short = note.firstChild, {left, top, width} = note.getBoundingClientRect()
    if (short) more.hidden = short.scrollHeight <= short.clientHeight + 1
    for (const [name, value] of Object.entries({left, top, width})) {
      page.style.setProperty(`--note-${name}`, `${value}px`)
    }
  })
  new ResizeObserver(measure).observe(note)

  const children = model.get_child("series")
  const series = model.beside.map(({name, summary}, i) =>
    el("section.view", {"data-view": name, "aria-label": summary}, children[i]))
  function present() {
    for (const view of series) view.hidden = model.absent.includes(view.dataset.view)
    page.dataset.many = model.lanes > 1 ? "on" : ""
    showLayers()
  }

  const page = el("div.lab", {},
    el("header", {}, model.get_child("bar")),
    el("aside.column", {"aria-label": "controls"}, model.get_child("controls")),
    el("main.stage", {"aria-label": "the stage: data space"}, model.get_child("stage")),
    el("section.many", {"aria-label": "all GANs"}, model.get_child("many")),
    el("div.chips", {role: "group", "aria-label": "layers"}, chips),
    note,
    el("div.series", {}, series),
    el("div.feed", {}, model.get_child("feed")))

  // Type has its sizes from the palette, lengths are in rem: both grow, and all that is made of them.
  const {style} = document.documentElement
  function enlarge(scale) {
    style.fontSize = ""
    const plain = getComputedStyle(document.documentElement)
    style.fontSize = `${parseFloat(plain.fontSize) * scale}px`
    for (const name of ["--gandyn-small", "--gandyn-body", "--gandyn-large"]) {
      style.removeProperty(name)
      style.setProperty(name, `${parseFloat(plain.getPropertyValue(name)) * scale}px`)
    }
  }

  const narrow = matchMedia(NARROW), header = page.firstChild
  function follow() {
    const projector = getFlag("projector") === "on"
    const folds = projector || narrow.matches ? "on" : ""
    if (getFlag("folds") !== folds) setFlag("folds", folds)
    enlarge(projector ? ENLARGED : 1)
    page.dataset.folds = folds
    page.dataset.projector = getFlag("projector")
    page.dataset.drawer = getFlag("drawer")
    tellFeed({theme: getFlag("theme") || "light", scale: projector ? ENLARGED : 1})
  }
  page.addEventListener("pointerdown", (event) => {
    const inside = event.composedPath().some((node) => node.matches?.(".column, header"))
    if (!inside && getFlag("drawer")) setFlag("drawer", "")
  })

  // The bar wraps in narrow windows; the height of the stage is what the bar leaves.
  new ResizeObserver(() => {
    page.style.setProperty("--top", `${header.offsetHeight}px`)
    measure()
  }).observe(header)
  narrow.addEventListener("change", follow)
  model.on("remove", () => narrow.removeEventListener("change", follow))
  listen(model, {"gandyn-theme": follow, "gandyn-drawer": follow, "gandyn-projector": follow})
  model.on("words", say)
  model.on(["absent", "lanes"], present)
  follow()
  say()
  present()
  return page
}
