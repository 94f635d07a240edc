// A report, which plays recorded frames back without a server: a bundle of its own, written into the file.

import {el, on, put} from "../page/dom.ts"
import {countOf} from "../page/now.ts"
import {clamp, thousands, written, nearest} from "../page/numbers.ts"
import {scaleOf, type Span} from "./report_axes.ts"
import {along, boxOf, type Chart, chartsOf, paintChart} from "./report_curves.ts"
import {letter} from "../compare/letter.ts"
import {coloursOf, type Data, eventsOf, Frames, type RunData, unpack} from "./report_data.ts"
import {type Look, paintStage} from "./report_stage.ts"
import {isDark, system} from "../page/themes.ts"

const RATE = 12 // frames a second
const colour = (token: string): string =>
  getComputedStyle(document.documentElement).getPropertyValue(`--gandyn-${token}`).trim()

/** A canvas that is painted anew at its size on the screen. */
function sheet(name: string, label: string) {
  const canvas = el(`canvas.${name}`, {role: "img", "aria-label": label})
  function pen(): {ctx: CanvasRenderingContext2D, width: number, height: number} | null {
    const {clientWidth: width, clientHeight: height} = canvas, ratio = devicePixelRatio || 1
    if (!width || !height) return null
    const [across, down] = [Math.round(width * ratio), Math.round(height * ratio)]
    if (canvas.width !== across || canvas.height !== down) Object.assign(canvas, {width: across, height: down})
    const ctx = canvas.getContext("2d")!
    ctx.setTransform(ratio, 0, 0, ratio, 0, 0)
    return {ctx, width, height}
  }
  return {canvas, pen}
}

function settings(run: RunData): HTMLElement {
  const rows = Object.entries(run.controls).map(([name, value]) =>
    el(run.changed.includes(name) ? "tr.changed" : "tr", {}, el("th", {scope: "row"}, name),
      el("td", {}, Array.isArray(value) ? value.map(written).join(", ") : written(value))))
  return el("table", {}, el("tbody", {}, rows))
}

function build(data: Data, frames: Frames): HTMLElement {
  const {steps} = data, end = steps.length - 1, last = frames.frame(end)
  const {drawn, places} = along(data.axis, last), farthest = steps.map((step) => Math.max(...places(step)))
  const span: Span = [farthest[0]!, Math.max(farthest[end]!, farthest[0]! + 1)]
  const charts = chartsOf(last, data.dashes)
  const stages = data.runs.map((run, place) => {
    const drawn = sheet("stage", "")
    const count = el("strong"), caption = el("span", {"aria-live": "polite"})
    const name = data.runs.length > 1 ? el("h2", {}, el("b", {}, letter(place)), ` ${run.differs}`) : null
    return {...drawn, count, caption, node: el("section", {}, name, drawn.canvas, el("p.now", {}, count, " ", caption))}
  })
  const plots = charts.map((chart) => ({chart, ...sheet("chart", `${chart.title}, over ${data.axis}`)}))
  const slider = el("input", {type: "range", min: 0, max: end, value: 0, "aria-label": "step"})
  const play = el("button.play", {type: "button"}), at = el("output")
  let now = 0, timer: ReturnType<typeof setInterval> | undefined

  function look(): Look {
    return {
      sheet: colour("sheet"), ink: colour("ink"), outline: colour("outline"), uncovered: colour("uncovered"),
      real: colour("real"), generated: colour("generated"), text: colour("muted"), line: colour("line"),
      font: colour("font"), map: coloursOf(data.palettes[isDark("auto") ? "dark" : "light"]),
    }
  }
  function paint(): void {
    const frame = frames.frame(now), real = frames.realOf(now), worn = look()
    for (const [place, {canvas, pen, count, caption}] of stages.entries()) {
      const own = pen(), part = frame[place]
      if (!own || !part) continue
      paintStage(own.ctx, Math.min(own.width, own.height), part, real[place] ?? {}, worn, data.flat)
      put(count, countOf({measures: part.header.measures, axes: last[place]!.header.axes}))
      put(caption, part.header.notice?.text ?? part.header.caption)
      canvas.setAttribute("aria-label", `step ${thousands(part.header.step)}: ${part.header.caption}`)
    }
    for (const {chart, pen} of plots) {
      const own = pen()
      if (own) paintChart(own.ctx, own.width, own.height, chart, drawn, span, places(steps[now]!), worn, colour)
    }
    slider.value = String(now)
    slider.setAttribute("aria-valuetext", `step ${thousands(steps[now]!)}`)
    put(at, `step ${thousands(steps[now]!)} of ${thousands(steps[end]!)}`)
    root.dataset.step = String(steps[now])
  }
  function show(i: number): void {
    now = clamp(i, 0, end)
    paint()
  }
  function run(plays: boolean): void {
    clearInterval(timer)
    timer = undefined
    if (plays) {
      if (now === end) now = 0
      timer = setInterval(() => {
        show(now + 1)
        if (now === end) run(false)
      }, 1000 / RATE)
    }
    put(play, plays ? "❚❚" : "▶")
    play.setAttribute("aria-label", plays ? "pause" : "play")
  }
  const events = eventsOf(data.runs)
  const list = el("ol.events", {}, events.map(({step, words}) => {
    const go = on(el("button", {type: "button"}, `step ${thousands(step)}`), "click", () => {
      run(false)
      show(nearest(steps, step))
    })
    return el("li", {}, go, ` ${words}`)
  }))
  on(slider, "input", () => {
    run(false)
    show(Number(slider.value))
  })
  on(play, "click", () => { run(timer === undefined) })
  for (const {canvas} of plots) {
    const seek = (event: PointerEvent) => {
      if (!event.buttons) return
      run(false)
      const box = boxOf(canvas.clientWidth, canvas.clientHeight), {left} = canvas.getBoundingClientRect()
      show(nearest(farthest, scaleOf([box.x, box.x + box.width], ...span)(event.clientX - left)))
    }
    on(on(canvas, "pointerdown", seek), "pointermove", seek)
  }
  document.addEventListener("keydown", (event) => {
    const from = event.target instanceof Element ? event.target : null
    if (event.ctrlKey || event.metaKey || event.altKey) return
    if (event.key === " " && !from?.closest("button, summary")) run(timer === undefined)
    else if (event.key === "ArrowRight" && from !== slider) show(now + 1)
    else if (event.key === "ArrowLeft" && from !== slider) show(now - 1)
    else return
    event.preventDefault()
  })
  const first = data.runs[0]!, versions = Object.entries(data.versions).map(([name, version]) => `${name} ${version}`).join(", ")
  const seeds = `seed ${last[0]!.header.seed}${first.seeds.length > 1 ? `, of ${first.seeds.length} GANs` : ""}`
  const root = el("div.report", {"data-runs": data.runs.length},
    el("header", {}, el("h1", {}, data.preset), el("p", {}, `${seeds} · ${data.summary}`)),
    el("div.stages", {}, stages.map(({node}) => node)),
    el("div.bar", {}, play, slider, at),
    el("div.charts", {}, plots.map(({chart, canvas}) => el("figure", {}, legend(chart, data), canvas))),
    el("div.words", {},
      events.length ? el("section", {}, el("h2", {}, "What was changed"), list) : null,
      el("section", {}, el("h2", {}, "What there is to see"), el("p", {}, data.note), el("p.cite", {}, data.cite)),
      data.runs.map((one, place) => el("details", {},
        el("summary", {}, `Settings at step 0${data.runs.length > 1 ? ` of ${letter(place)}` : ""}`), settings(one))),
      el("p.cite", {}, `Recorded with ${versions}; engine ${first.engine}.`)))
  const watch = new ResizeObserver(paint)
  for (const {canvas} of [...stages, ...plots]) watch.observe(canvas)
  const wear = () => {
    document.documentElement.dataset.gandynTheme = isDark("auto") ? "dark" : "light"
    paint()
  }
  system().addEventListener("change", wear)
  wear()
  run(false)
  return root
}

function legend({title, curves}: Chart, data: Data): HTMLElement {
  const entries = data.runs.length > 1
    ? data.runs.map(({differs}, run) => [`${letter(run)} ${differs}`, `run${run + 1}`] as const)
    : curves.map(({label, token}) => [label, token] as const)
  return el("figcaption", {}, data.axis === "steps" ? title : `${title}, over ${data.axis}`, entries.map(([label, token]) =>
    el("span.entry", {}, el("i", {style: `background: var(--gandyn-${token})`}), label)))
}

async function start(): Promise<void> {
  const data = JSON.parse(document.getElementById("data")?.textContent ?? "") as Data
  const frames = new Frames(await Promise.all(data.frames.map(unpack)))
  document.getElementById("report")?.replaceChildren(build(data, frames))
}

void start()
