// The tool for own data: what is drawn, moved or loaded becomes the target while the run goes on.

import type {Figure} from "../bokeh/bokeh.ts"
import {framesOf} from "../frames/channel.ts"
import {takeData} from "./data_files.ts"
import {el, on} from "../page/dom.ts"
import {at} from "../figures/declared.ts"
import {Handles} from "./handles.ts"
import type {ChangeTarget, Mixture, Refusal} from "../messages.ts"
import {Overlay} from "./overlay.ts"
import {type Bar, makeBar, type Mode} from "./own_data_bar.ts"
import {OwnTarget} from "./own_target.ts"
import {type Page, pageOf} from "../page/page_state.ts"
import type {Component} from "../bokeh/panel.ts"
import type {Point} from "./point_text.ts"
import {letter} from "../compare/letter.ts"
import {route, serverOf} from "../frames/server.ts"
import {upload} from "./upload.ts"

const RETRY = 150 // ms, until the figures of the stages are there
const CLICK = 5 // px that the pointer may move in one

interface Properties {
  readonly run: string
  readonly target: string
  readonly flat: boolean // it is on a line
  readonly drawing: string
  readonly mixture: Mixture | null
  readonly points: number // that the target has; 0 if it is no points
  readonly most: number
  readonly count: number // runs that are shown
  readonly steered: number | null // null: all
  readonly refusal: Refusal | null
}

interface Stage {
  readonly overlay: Overlay
  readonly handles: Handles
}

class Tool {
  private readonly model: Component<Properties, ChangeTarget>["model"]
  private readonly view: Component<Properties, ChangeTarget>["view"]
  private readonly page: Page
  private readonly own: OwnTarget
  private readonly input = el("input", {type: "file", accept: ".csv,.tsv,.txt,.npy"})
  private stages: Stage[] = []
  private open = false
  private mode: Mode = "draw"
  private pointer: Point | null = null
  private held = "" // a line that stays until the next movement
  private later: ReturnType<typeof setTimeout> | undefined
  private readonly stop: () => void
  readonly bar: Bar

  constructor({model, view}: Component<Properties, ChangeTarget>) {
    this.model = model
    this.view = view
    this.page = pageOf(model.document)
    this.own = new OwnTarget(model.most, () => model, {
      send: (controls) => { model.send_msg({type: "change-target", controls}) },
      changed: () => {
        this.redraw()
        this.hint()
      },
      complain: (line) => { this.hold(line, "error") },
    })
    this.bar = makeBar({
      open: (open) => { this.show(open) },
      mode: (mode) => { this.choose(mode) },
      width: () => { this.redraw() },
      clear: () => { this.own.clear() },
      add: () => { this.add([0, 0]) },
      remove: () => { this.own.remove() },
      change: (how) => { if (this.own.chosen !== null) this.own.change(this.own.chosen, how) },
      choose: () => { this.input.click() },
      paste: (text) => { void this.load("pasted points", new Blob([text])) },
    })
    on(this.input, "change", () => {
      const file = this.input.files?.[0]
      if (file) void this.load(file.name, file)
      this.input.value = "" // the same file may be loaded again
    })
    document.addEventListener("keydown", this.escape)
    this.stop = framesOf(model.document, model.run).listen(() => { for (const {overlay} of this.stages) overlay.follow() })
    takeData(model.document, (file) => { void this.load(file.name, file) })
    this.own.adopt()
    this.show(false)
  }

  adopt(): void {
    this.own.adopt()
  }

  private readonly escape = (event: KeyboardEvent): void => {
    if (event.key === "Escape" && this.open && !this.bar.node.querySelector(":popover-open")) this.show(false)
  }

  /** Other runs are shown, or steered. */
  follow(): void {
    this.arrange()
    this.hint()
  }

  private choose(mode: Mode): void {
    this.mode = mode
    this.show(true)
  }

  private show(open: boolean): void {
    this.open = open
    this.held = ""
    this.page.set({tool: open})
    this.arrange()
    this.hint()
  }

  /** Sheets over the stages of the runs whose target it is; a figure that is not there yet is asked for again. */
  private arrange(): void {
    clearTimeout(this.later)
    for (const {overlay} of this.stages) overlay.remove()
    this.stages = []
    const {count, steered} = this.model
    const places = steered === null || count < 2 ? [...Array(count).keys()] : [steered]
    for (const place of this.open && this.mode !== "load" ? places : []) {
      const figure = this.model.document.get_model_by_name(at("view-stage", place)) as Figure | null
      const view = figure && this.view.owner.find_one(figure)
      if (view?.el.shadowRoot) this.stages.push(this.stage(figure!, view))
      else this.later = setTimeout(() => { this.arrange() }, RETRY)
    }
    this.redraw()
  }

  private stage(figure: Figure, view: ConstructorParameters<typeof Overlay>[1]): Stage {
    let clicked: Point | null = null
    const label = this.mode === "gaussians" ? "Gaussians of the target" : "a sheet to draw points on"
    const overlay: Overlay = new Overlay(figure, view, {
      down: (place) => {
        this.held = ""
        clicked = place
        this.stroke(place, place)
      },
      move: (from, to) => { this.stroke(from, to) },
      up: (place) => {
        const far = clicked && Math.hypot(place[0] - clicked[0], place[1] - clicked[1]) * overlay.scale > CLICK
        if (this.mode === "gaussians" && clicked && !far) this.add(clicked)
        clicked = null
      },
      over: (place) => {
        this.pointer = place
        this.redraw()
      },
    }, label, () => { this.redraw() })
    const handles: Handles = new Handles(overlay, {
      move: (i, [x, y]) => { this.own.change(i, {x, y}) },
      resize: (i, sigma) => { this.own.change(i, {sigma}) },
      choose: (i) => {
        this.own.chosen = i
        this.redraw()
      },
      key: (i, {key, shiftKey}) => {
        const done = this.own.key(i, key, shiftKey)
        if (this.own.chosen !== null) handles.focus(this.own.chosen) // the one that was removed had it
        return done
      },
    })
    return {overlay, handles}
  }

  private get radius(): number {
    return this.bar.width() * this.own.reach / 2
  }

  private stroke(from: Point, to: Point): void {
    this.pointer = to
    if (this.mode === "draw") this.own.draw(from, to, this.radius)
    else if (this.mode === "erase") this.own.erase(from, to, this.radius)
    this.redraw()
  }

  private add(place: Point): void {
    this.own.add(place)
    if (this.own.chosen !== null) this.stages[0]?.handles.focus(this.own.chosen)
  }

  private async load(name: string, data: Blob): Promise<void> {
    this.choose("load")
    const say = (share: number) => { this.bar.say(`${name}: ${Math.round(100 * share)} % sent`) }
    say(0)
    const {error, text = ""} = await upload(route(serverOf(this.model.document), "data", {run: this.model.run}), name, data, say)
    this.hold(error ?? text, error ? "error" : undefined)
  }

  refuse(): void {
    this.own.adopt(true)
    if (this.model.refusal) this.hold(this.model.refusal.text, "error")
  }

  private hold(line: string, kind?: "error"): void {
    this.held = line
    this.bar.say(line, kind)
  }

  private redraw(): void {
    const drawing = this.mode === "draw" || this.mode === "erase"
    this.own.reach = this.stages[0]?.overlay.reach ?? this.own.reach
    for (const {overlay, handles} of this.stages) {
      overlay.paint(drawing ? this.own.points : [], drawing ? this.pointer : null, this.radius)
      handles.show(drawing ? [] : this.own.gaussians, this.own.chosen)
    }
    this.bar.show(this.open, this.mode, this.own.one, this.own.gaussians.length < 2)
  }

  private hint(): void {
    if (this.held) return
    const {target, flat, points, count, steered} = this.model, {points: drawn, gaussians} = this.own
    const whose = count > 1 ? `for ${steered === null ? "all runs" : `run ${letter(steered)}`}: ` : ""
    const replaced = target === "points" ? `the ${points.toLocaleString("en")} points` : `the target ${target}`
    const some = drawn.length ? `${drawn.length} points` : `the first stroke takes the place of ${replaced}`
    const words: Readonly<Record<Mode, string>> = {
      draw: some,
      erase: some,
      gaussians: gaussians.length ? `${gaussians.length} Gaussian${gaussians.length > 1 ? "s" : ""}` : "click on the stage to put a Gaussian there",
      load: "two columns, x and y; or drop the file anywhere",
    }
    this.bar.say(whose + words[this.mode] + (flat ? "; the run begins anew, in the plane" : ""))
  }

  close(): void {
    document.removeEventListener("keydown", this.escape)
    this.stop()
    this.open = false
    this.arrange()
    this.own.stop()
  }
}

export function render(component: Component<Properties, ChangeTarget>): HTMLElement {
  const {model} = component
  const tool = new Tool(component)
  model.on(["drawing", "mixture", "target"], () => { tool.adopt() })
  model.on(["count", "steered"], () => { tool.follow() })
  model.on("refusal", () => { tool.refuse() })
  model.on("remove", () => { tool.close() })
  return tool.bar.node
}
