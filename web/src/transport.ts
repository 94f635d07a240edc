// The top bar, and the keys.

import {button, drawn, face, iconButton, worded} from "./buttons.ts"
import {framesOf} from "./channel.ts"
import {type Alternative, makeCompare} from "./compare.ts"
import {giveData} from "./data_files.ts"
import {el} from "./dom.ts"
import {type Export, exportsOf, makeProgress} from "./exports.ts"
import type {Notice} from "./frame.ts"
import {makeHelp} from "./help.ts"
import {makeKeys} from "./keys.ts"
import {type Listed, makeMultiples, makePresets} from "./menus.ts"
import {makeNotice} from "./notice.ts"
import {beginning, makeOpening} from "./opening.ts"
import {type PageState, pageOf} from "./page_state.ts"
import {type Component, owned} from "./panel.ts"
import {Playing, SETTLED} from "./playing.ts"
import {makeAddress, type Query} from "./query.ts"
import {download, type SavedFile} from "./save.ts"
import {type Copies, makeShare} from "./share.ts"
import {makeSpeed} from "./speed.ts"
import {makeStatus} from "./status.ts"
import {makeTheme} from "./theme.ts"

interface Properties {
  readonly run: string
  readonly presets: readonly Listed[]
  readonly speeds: readonly number[]
  readonly multiples: readonly number[]
  readonly playing: boolean
  readonly query: Query
  readonly changed: string // in what the run differs from its preset
  readonly alternatives: readonly Alternative[]
  readonly pinned: string // what is pinned as a baseline
  readonly full: boolean // no more runs can be compared
  readonly changed_live: boolean // the run has changes on the way to where it stands
  readonly notice: Notice | null
}

type Message = SavedFile | {readonly share: Copies} | {readonly export: Export}

export function render({model, view}: Component<Properties, Message>): HTMLElement {
  const page = pageOf(model.document), root = el("div.top")
  const status = makeStatus(), help = makeHelp(), address = makeAddress()

  function send(command: string): void {
    playing.ask(performance.now())
    setTimeout(() => { playing.follow(performance.now()) }, SETTLED + 1)
    model.send_msg({command})
  }
  function toggle(): void {
    send(playing.now ? "pause" : "play")
    playing.set(!playing.now)
  }
  const save = () => { model.send_msg({command: "save"}) }
  const ask = (command: string) => () => { send(command) }

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
    (text) => { model.send_msg({open: text}) }, (file) => { giveData(model.document, file) }, (text) => { notice.show({text}) })
  const exports = exportsOf(model.document), progress = makeProgress(exports)
  exports.send = (message) => { model.send_msg(message) }
  const share = makeShare(
    () => { model.send_msg({share: location.origin + location.pathname}) }, (kind) => { exports.ask(kind) })
  function receive(message: Message): void {
    if ("name" in message) download(message)
    else if ("export" in message) exports.news.tell(message.export)
    else share.offer(message.share)
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
  }, () => help.node.open)

  function follow({folds, projector}: PageState): void {
    drawer.hidden = !folds
    root.dataset.projector = projector ? "on" : ""
  }
  function showPlaying(now: boolean): void {
    play.replaceChildren(...worded(drawn(now ? "pause" : "play"), now ? "pause" : "play"))
    face(play, now ? "pause (space)" : "play (space)")
    status.playing(now)
  }
  const playing = new Playing(model.playing, showPlaying)
  const stop = [
    theme.stop,
    framesOf(model.document, model.run).listen((painted) => {
      playing.frame(painted, performance.now())
      status.frame(painted)
      notice.frame(painted.notice)
    }),
    page.listen(follow),
    () => { document.removeEventListener("keydown", keys) },
    opening.stop,
    progress.stop,
  ]
  document.addEventListener("keydown", keys)
  model.on("playing", () => { playing.set(model.playing) })
  const queried = () => {
    address(model.query)
    exports.changed = model.changed
  }
  model.on(["query", "changed"], queried)
  model.on(["alternatives", "full", "pinned", "changed_live"], offer)
  model.on("notice", () => { notice.show(model.notice) })
  model.on("msg:custom", receive)
  model.on("remove", () => { for (const end of stop) end() })
  const begun = beginning(model.run)
  if (begun) model.send_msg(begun)
  offer()
  showPlaying(model.playing)
  queried()
  notice.show(model.notice)

  const group = (name: string, label: string, children: readonly HTMLElement[]) =>
    el(`div.${name}`, {role: "group", "aria-label": label}, children)
  root.append(
    el("div.bar", {}, drawer, el("h1", {}, "gandyn"), makePresets(model.presets, owned(view, "preset"), ask("again")),
      makeMultiples(model.multiples, owned(view, "lanes")), group("marks", "transport", marks), compare.node, speed, status.node,
      group("ways", "page", ways)),
    notice.node, progress.node, help.node)
  follow(page.now)
  return root
}
