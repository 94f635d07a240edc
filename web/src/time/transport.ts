// The top bar, and the keys.

import {button, drawn, face, iconButton, worded} from "./buttons.ts"
import {framesOf} from "../frames/channel.ts"
import {makeCompare} from "../compare/compare.ts"
import {giveData} from "../own_data/data_files.ts"
import {el} from "../page/dom.ts"
import {exportsOf, makeProgress} from "../share/exports.ts"
import type {Alternative, CommandName, FromTransport, ListedPreset, PageNotice, ToTransport} from "../messages.ts"
import {makeHelp} from "../page/help.ts"
import {makeKeys} from "../page/keys.ts"
import {makeMultiples, makePresets} from "./menus.ts"
import {makeNotice} from "./notice.ts"
import {beginning, Keeping} from "../share/keeping.ts"
import {makeOpening, parts} from "../share/opening.ts"
import {type PageState, pageOf} from "../page/page_state.ts"
import {type Component, owned} from "../bokeh/panel.ts"
import {Playing, SETTLED} from "./playing.ts"
import {makeAddress, type Query} from "../share/query.ts"
import {download} from "../share/save.ts"
import {makeShare} from "../share/share.ts"
import {makeSpeed} from "./speed.ts"
import {makeStatus} from "./status.ts"
import {makeTheme} from "../page/theme.ts"

interface Properties {
  readonly run: string
  readonly presets: readonly ListedPreset[]
  readonly speeds: readonly number[]
  readonly multiples: readonly number[]
  readonly playing: boolean
  readonly watching: boolean // the page only looks on
  readonly query: Query
  readonly changed: string // in what the run differs from its preset
  readonly alternatives: readonly Alternative[]
  readonly pinned: string // what is pinned as a baseline
  readonly hidden: readonly string[] // menus that a teacher has hidden
  readonly full: boolean // no more runs can be compared
  readonly changed_live: boolean // the run has changes on the way to where it stands
  readonly notice: PageNotice | null
}

export function render({model, view}: Component<Properties, FromTransport, ToTransport>): HTMLElement {
  const page = pageOf(model.document), root = el("div.top")
  const status = makeStatus(), help = makeHelp(), address = makeAddress()

  function send(name: CommandName): void {
    if (model.watching) return
    playing.ask(performance.now())
    setTimeout(() => { playing.follow(performance.now()) }, SETTLED + 1)
    model.send_msg({type: "command", name})
  }
  function toggle(): void {
    if (model.watching) return
    send(playing.now ? "pause" : "play")
    playing.set(!playing.now)
  }
  const save = () => { model.send_msg({type: "save"}) }
  const ask = (name: CommandName) => () => { send(name) }

  const notice = makeNotice((action) => {
    if (action === "default") location.assign(location.pathname)
    else send(action)
  })
  const speed = makeSpeed(model.speeds, owned(view, "steps_per_second"), (text) => { notice.show({text}) })
  const play = iconButton("play", "play (space)", toggle, "play")
  play.classList.add("primary")
  const marks = [
    play,
    iconButton("step", "one step (right arrow)", ask("step"), "step"),
    button("critic", "one step of the critic only (d)", ask("critic"), ...worded("D", "critic")),
    button("generator", "one step of the generator only (g)", ask("generator"), ...worded("G", "generator")),
    iconButton("reset", "reset: the same seed again (r)", ask("reset"), "reset"),
    iconButton("seed", "start again with a new seed", ask("new-seed"), "new seed"),
  ]
  const compare = makeCompare((message) => { model.send_msg(message) })
  const offer = () => { compare.list(model) }
  const opening = makeOpening(
    (text) => { for (const part of parts(text)) model.send_msg(part) }, (file) => { giveData(model.document, file) }, (text) => { notice.show({text}) })
  const exports = exportsOf(model.document), progress = makeProgress(exports)
  exports.send = (message) => { model.send_msg(message) }
  const share = makeShare(
    () => { model.send_msg({type: "share", page: location.origin + location.pathname}) }, (kind) => { exports.ask(kind) })
  function receive(message: ToTransport): void {
    if (message.type === "saved-file") download(message)
    else if (message.type === "shared") share.offer(message)
    else if (message.type === "kept") keeping.keep(message.moment)
    else exports.news.tell(message)
  }
  const drawer = iconButton("controls", "controls", () => { page.set({drawer: !page.now.drawer}) }, "controls")
  const themes = iconButton("theme", "theme", () => { theme.next() }, "theme")
  const theme = makeTheme(page, (choice) => { face(themes, `theme: ${choice}`) })
  const ways = [
    share.node,
    iconButton("open", "open a saved session: or drop its file anywhere", opening.choose, "open"),
    iconButton("save", "save this session: gandyn replay does it again (s)", save, "save"),
    themes,
    iconButton("projector", "projector: larger type, controls folded", () => {
      page.set({projector: !page.now.projector})
    }, "projector"),
    button("help", "help (?)", help.toggle, ...worded("?", "help")),
  ]
  const keys = makeKeys({
    " ": toggle, ArrowRight: ask("step"), ArrowLeft: ask("back"), r: ask("reset"), d: ask("critic"),
    g: ask("generator"), s: save, z: ask("undo"), y: ask("redo"), b: ask("bookmark"), c: compare.toggle,
    "?": help.toggle,
  }, () => help.node.open || !page.now.steerable)

  function follow({folds, projector, steerable}: PageState): void {
    root.dataset.lost = steerable ? "" : "on"
    drawer.hidden = !folds
    root.dataset.projector = projector ? "on" : ""
  }
  function showPlaying(now: boolean): void {
    play.replaceChildren(...worded(drawn(now ? "pause" : "play"), now ? "pause" : "play"))
    face(play, now ? "pause (space)" : "play (space)")
    status.playing(now)
  }
  const playing = new Playing(model.playing, showPlaying)
  const begun = model.watching ? null : beginning(model.run), keeping = new Keeping((message) => { model.send_msg(message) })
  const stop = [
    theme.stop,
    framesOf(model.document, model.run).listen((painted) => {
      playing.frame(painted, performance.now())
      status.frame(painted)
      notice.frame(painted.notice && model.watching ? {...painted.notice, action: null} : painted.notice)
      keeping.frame(painted, performance.now())
    }),
    page.listen(follow),
    () => { document.removeEventListener("keydown", keys) },
    opening.stop,
    progress.stop,
    () => { keeping.stop() },
  ]
  document.addEventListener("keydown", keys)
  model.on("playing", () => { playing.set(model.playing) })
  const queried = () => {
    if (!model.watching) address(model.query)
    keeping.changed(performance.now())
    exports.changed = model.changed
  }
  model.on(["query", "changed"], queried)
  model.on(["alternatives", "full", "pinned", "changed_live"], offer)
  model.on("notice", () => { notice.show(model.notice) })
  model.on("msg:custom", receive)
  model.on("remove", () => { for (const end of stop) end() })
  if (begun) model.send_msg(begun)
  offer()
  showPlaying(model.playing)
  queried()
  notice.show(model.notice)

  const group = (name: string, label: string, children: readonly HTMLElement[]) =>
    el(`div.${name}`, {role: "group", "aria-label": label}, children)
  if (model.watching) root.dataset.watching = "on"
  const presets = makePresets(model.presets, owned(view, "preset"), ask("again"))
  const multiples = makeMultiples(model.multiples, owned(view, "lanes"))
  const hide = () => {
    presets.hidden = model.hidden.includes("preset")
    multiples.hidden = model.hidden.includes("lanes")
    speed.hidden = model.hidden.includes("steps_per_second")
  }
  model.on("hidden", hide)
  hide()
  root.append(
    el("div.bar", {}, drawer, el("h1", {}, "gandyn"), presets, multiples, group("marks", "transport", marks), compare.node, speed,
      status.node, group("ways", "page", ways)),
    notice.node, progress.node, help.node)
  follow(page.now)
  return root
}
