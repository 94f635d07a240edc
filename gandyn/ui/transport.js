// The top bar, and the keys.

const ICONS = {
  play: ["M4.5 2.5v11l9-5.5z", true],
  pause: ["M4 3h3v10H4zM9 3h3v10H9z", true],
  step: ["M3.5 3v10l7-5zM11.5 3h1.5v10h-1.5z", true],
  reset: ["M3.2 6.2A5.2 5.2 0 1 1 2.8 9M3 2.5v4h4"],
  seed: ["M3 3h10v10H3zM5.7 5.7h.1M10.2 5.7h.1M8 8h.1M5.7 10.2h.1M10.2 10.2h.1"],
  save: ["M8 2.5v7M5 6.8l3 3 3-3M2.5 10.5v3h11v-3"],
  theme: ["M8 2.5a5.5 5.5 0 1 0 0 11zM8 2.5a5.5 5.5 0 0 1 0 11"],
  projector: ["M2 3h12v8H2zM8 11v2.5M5 13.5h6"],
  controls: ["M2 4.5h5M11 4.5h3M2 11.5h2M8 11.5h6M9 2.8v3.4M6 9.8v3.4"],
}
const SETTLED = 500 // ms after which frames know of a command
const noticeText = (frame) => frame?.notice?.text

const face = (node, words) => { node.title = words; node.setAttribute("aria-label", words) }

function button(name, words, act, content = icon(...ICONS[name])) {
  const node = el("button", {type: "button", "data-do": name}, content)
  face(node, words)
  // After a click by mouse the keys are the page's again: space plays, and does not press this button.
  node.addEventListener("click", (event) => { act(); if (event.detail) node.blur() })
  return node
}

/** How many GANs go at once. */
function makeMultiples(multiples, lanes) {
  const words = (n) => (n === 1 ? "1 GAN" : `${n} GANs`)
  const options = multiples.map((n) => el("option", {value: n}, words(n)))
  const node = el("select", {
    name: "lanes", "aria-label": "GANs at once", title: "GANs at once, of this seed and the next: starts the run again",
  }, options)
  node.addEventListener("change", () => { lanes.value = Number(node.value); node.blur() })
  const show = () => { node.value = lanes.value }
  lanes.change.connect(show)
  show()
  return el("div.multiples", {}, node)
}

/** The list of presets, each with its line where the browser can show it. */
function makePresets(presets, preset) {
  const rich = CSS.supports("appearance", "base-select")
  const words = ({name, summary}) => (rich ? [el("span.name", {}, name), el("small", {}, summary)] : name)
  const options = presets.map((one) => el("option", {value: one.name, title: one.summary}, words(one)))
  const selected = rich ? el("button", {type: "button"}, el("selectedcontent")) : null
  const node = el("select.preset", {name: "preset", "aria-label": "preset"}, selected, options)
  node.addEventListener("change", () => { preset.value = node.value; node.blur() })
  const show = () => { node.value = preset.value }
  preset.change.connect(show)
  show()
  return node
}

export function render({model}) {
  const named = (name) => model.document.get_model_by_name(name)
  let plays = model.playing, asked = -Infinity, last = null, known // the latest frame; the notice when a command went
  const send = (command) => {
    asked = performance.now()
    known = noticeText(last)
    setTimeout(follow, SETTLED + 1)
    model.send_msg({command})
  }
  const toggle = () => { send(plays ? "pause" : "play"); showPlaying(!plays) }
  const save = () => model.send_msg({command: "save"})
  const flip = (flag, on) => () => setFlag(flag, getFlag(flag) === on ? "" : on)

  const status = makeStatus(), help = makeHelp(), address = makeAddress()
  const notice = makeNotice((action) => (action === "default" ? location.assign(location.pathname) : send(action)))
  const speed = makeSpeed(model.speeds, named("steps_per_second"), (text) => notice.show({text}))
  const play = button("play", "play (space)", toggle)
  play.classList.add("primary")
  const marks = [
    play,
    button("step", "one step (right arrow)", () => send("step")),
    button("critic", "one step of the critic only (d)", () => send("critic"), "D"),
    button("generator", "one step of the generator only (g)", () => send("generator"), "G"),
    button("reset", "reset: the same seed again (r)", () => send("reset")),
    button("seed", "start again with a new seed", () => send("new-seed")),
  ]
  const drawer = button("controls", "controls", flip("drawer", "open"))
  const themes = button("theme", "theme", () => nextTheme())
  const nextTheme = makeTheme(model, (choice) => face(themes, `theme: ${choice}`))
  const ways = [
    makeCopy(() => linkTo(model.query)),
    button("save", "save this session: gandyn replay does it again (s)", save),
    themes,
    button("projector", "projector: larger type, controls folded", flip("projector", "on")),
    button("help", "help (?)", help.toggle, "?"),
  ]
  const keys = {
    " ": toggle, ArrowRight: () => send("step"), r: () => send("reset"),
    d: () => send("critic"), g: () => send("generator"), s: save, "?": help.toggle,
  }

  function showPlaying(now) {
    plays = now
    play.replaceChildren(icon(...ICONS[plays ? "pause" : "play"]))
    face(play, plays ? "pause (space)" : "play (space)")
    status.playing(plays)
  }
  /** A run may stop by itself, and then no frame follows. Just after a click those on their way know nothing of it:
   *  one with a notice of its own is believed at once, any other when the click has had its time. */
  function follow() {
    const settled = performance.now() - asked > SETTLED || (noticeText(last) && noticeText(last) !== known)
    if (last?.line === "open" && settled && last.playing !== plays) showPlaying(last.playing)
  }
  function onFrame({detail}) {
    last = detail
    follow()
    status.frame(detail)
    notice.frame(detail.notice)
  }
  const fold = () => { drawer.hidden = getFlag("folds") !== "on" }

  model.on("playing", () => showPlaying(model.playing))
  model.on("query", () => address(model.query))
  model.on("notice", () => notice.show(model.notice))
  model.on("msg:custom", download)
  listen(model, {keydown: makeKeys(keys, () => help.node.open), "gandyn-folds": fold, "gandyn-frame": onFrame})
  fold()
  showPlaying(model.playing)
  address(model.query)
  notice.show(model.notice)
  const group = (name, label, ...children) => el(`div.${name}`, {role: "group", "aria-label": label}, ...children)
  return el("div.top", {role: "banner"},
    el("div.bar", {}, drawer, el("h1", {}, "gandyn"), makePresets(model.presets, named("preset")),
      makeMultiples(model.multiples, named("lanes")), group("marks", "transport", marks), speed, status.node, group("ways", "page", ways)),
    notice.node, help.node)
}
