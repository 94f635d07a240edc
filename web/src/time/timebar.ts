// The bar of time under the stage: drag to any step of the past; changes, branches and bookmarks stand along it.

import {framesOf, type Painted} from "../frames/channel.ts"
import {byPointer, el, on, put} from "../page/dom.ts"
import {paintFilm} from "./film.ts"
import {placeForkLabels} from "./fork_labels.ts"
import type {NumberColumns} from "../frames/frame.ts"
import type {Past} from "../frames/schema.ts"
import type {FromTimeBar, Place} from "../messages.ts"
import {clamp, thousands} from "../page/numbers.ts"
import type {Component} from "../bokeh/panel.ts"
import {throttled} from "../page/throttled.ts"

const PER_SECOND = 30 // steps that a drag asks for
const ROWS = 2 // of branches below the strip
const INK = [213, 94, 0] // of generated samples

interface Properties {
  readonly run: string
  readonly bookmarks: readonly Place[]
}

/** The last step that any branch has made: where the bar ends. */
export const endOf = (past: Past): number =>
  Math.max(past.start + 1, past.stop, ...past.lines.map(({stop}) => stop))

/** Where a step lies on the bar, from 0 to 1, and the way back. */
export const shareOf = (past: Past, step: number): number => (step - past.start) / (endOf(past) - past.start)
export const stepAt = (past: Past, share: number): number =>
  Math.round(past.start + clamp(share, 0, 1) * (endOf(past) - past.start))

export function render({model}: Component<Properties, FromTimeBar>): HTMLElement {
  const canvas = el("canvas", {"aria-hidden": "true"})
  const done = el("div.done"), handle = el("div.handle"), ticks = el("div.ticks")
  const track = el("div.track", {role: "slider", tabindex: 0, "aria-label": "step of the past"}, canvas, done, handle)
  const mark = tool("bookmark", "mark this step, or unmark it (b)", "☆", () => {
    if (past) model.send_msg({type: "bookmark", step: now, line: past.line})
  })
  const end = tool("end", "to the last step of this branch", "⇥", () => { if (past) look(past.stop) })
  const root = el("div.timebar", {}, el("div.strip", {}, el("div.rail", {}, track, ticks)), mark, end)
  let past: Past | null = null, film: NumberColumns = {}, now = 0, held: number | null = null
  let names: readonly {readonly name: HTMLElement, readonly one: Past["lines"][number]}[] = []

  function tool(name: string, words: string, sign: string, act: () => void): HTMLButtonElement {
    const node = el("button", {type: "button", "data-do": name, title: words, "aria-label": words}, sign)
    return on(node, "click", (event) => {
      act()
      if (byPointer(event)) node.blur()
    })
  }
  function look(step: number, line?: number): void {
    model.send_msg({type: "look", step, ...(line === undefined ? {} : {line})})
  }
  const drag = throttled(1000 / PER_SECOND, (step: number) => { look(step) })

  function stand(step: number): void {
    if (!past) return
    const share = `${100 * clamp(shareOf(past, step), 0, 1)}%`
    handle.style.left = done.style.width = share
    track.setAttribute("aria-valuenow", String(step))
    track.setAttribute("aria-valuetext", `step ${thousands(step)} of ${thousands(past.stop)}`)
  }

  // A point of the past as a button on the bar.
  function tick(kind: string, step: number, words: string, act: () => void): HTMLElement {
    const tabs = kind === "fork" || kind === "bookmark" ? 0 : -1 // of changes there may be many, and the keys lead there
    const node = el(`button.${kind}`, {type: "button", tabindex: tabs, title: words, "aria-label": words})
    node.style.left = `${100 * clamp(shareOf(past!, step), 0, 1)}%`
    on(node, "pointerdown", (event) => { event.stopPropagation() })
    return on(node, "click", () => {
      act()
      node.blur()
    })
  }
  function draw(): void {
    if (!past) return
    const {lines, line, events, kept} = past
    track.setAttribute("aria-valuemin", String(past.start))
    track.setAttribute("aria-valuemax", String(past.stop))
    const others = lines.map((one, i) => ({one, i})).filter(({i}) => i !== line)
    const forks = others.map(({one, i}, row) => {
      const words = `another branch${one.label ? `, ${one.label}` : ""}: ` +
        `steps ${thousands(one.start)} to ${thousands(one.stop)}`
      const node = tick("fork", one.start, words, () => { look(one.stop, i) })
      node.style.width = `${100 * Math.max(0, shareOf(past!, one.stop) - shareOf(past!, one.start))}%`
      node.style.bottom = `${-0.3125 * (1 + row % ROWS)}rem`
      return {node, one, name: tick("fork-name", 0, words, () => { look(one.stop, i) })}
    })
    for (const {name, one} of forks) name.append(one.label)
    ticks.replaceChildren(
      ...events.map(([step, text]) => tick("event", step, `step ${thousands(step)}: ${text}`, () => { look(step) })),
      ...forks.flatMap(({node, name}) => [node, name]),
      ...model.bookmarks.map((one) => tick("bookmark", one.step, `bookmark: step ${thousands(one.step)}`, () => {
        look(one.step, one.line)
      })))
    track.title = `drag to any step; ${kept[0]} of ${kept[1]} MB hold states of the past, the others are made again`
    root.hidden = past.stop <= past.start
    names = forks
    paint()
  }
  // In how far a branch differs from this one, in words; measured once it is laid out.
  function placeNames(): void {
    const width = track.clientWidth, px = (step: number) => shareOf(past!, step) * width
    const bars = names.map(({name, one}) =>
      ({left: px(one.start), right: px(one.stop), wide: one.label ? Math.min(name.scrollWidth, width) : 0}))
    for (const [i, at] of placeForkLabels(bars, width).entries()) {
      const {style} = names[i]!.name
      style.visibility = at === null ? "hidden" : ""
      style.left = `${at ?? 0}px`
    }
  }
  function paint(): void {
    const ratio = devicePixelRatio || 1
    const [width, height] = [Math.round(track.clientWidth * ratio), Math.round(track.clientHeight * ratio)]
    if (!past || !width) return
    if (canvas.width !== width || canvas.height !== height) [canvas.width, canvas.height] = [width, height]
    placeNames()
    paintFilm(canvas, film, (step) => shareOf(past!, step) * width, INK)
  }

  const aim = (event: PointerEvent) => {
    const {left, width} = track.getBoundingClientRect()
    held = Math.min(stepAt(past!, (event.clientX - left) / width), past!.stop)
    stand(held)
    drag(held)
  }
  on(track, "pointerdown", (event) => {
    if (!past || event.button !== 0) return
    track.setPointerCapture(event.pointerId)
    aim(event)
  })
  on(track, "pointermove", (event) => { if (past && track.hasPointerCapture(event.pointerId)) aim(event) })
  on(track, "pointerup", () => { track.blur() })
  on(track, "lostpointercapture", () => { setTimeout(() => { held = null }, 400) }) // frames on their way are older
  on(track, "keydown", (event) => {
    if (!past || !["Home", "End"].includes(event.key)) return
    event.preventDefault()
    look(event.key === "Home" ? past.start : past.stop)
  })

  function show(painted: Painted): void {
    const {past: given, step = 0, series, sources} = painted
    now = step
    if (given && (series || !past)) {
      past = given
      film = sources.film ?? {}
      draw()
    }
    if (past && step > past.stop) past = {...past, stop: step}
    put(mark, past && model.bookmarks.some((one) => one.step === step && one.line === past!.line) ? "★" : "☆")
    if (held === null) stand(step)
  }
  const watch = new ResizeObserver(paint)
  watch.observe(track)
  const stop = framesOf(model.document, model.run).listen(show)
  model.on("bookmarks", draw)
  model.on("remove", () => {
    watch.disconnect()
    stop()
  })
  root.hidden = true
  return root
}
