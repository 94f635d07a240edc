// Small pictures of the stage, one a GAN, each a button that puts its GAN on the stage.

import {framesOf, type Painted} from "../frames/channel.ts"
import {byPointer, el, on, put} from "../page/dom.ts"
import type {Many} from "../frames/schema.ts"
import {fit} from "./grid.ts"
import {pageOf} from "../page/page_state.ts"
import {type Component, owned} from "../bokeh/panel.ts"
import {type Box, type Colours, Pictures, type Scene} from "./pictures.ts"

const TIGHT = 5 // rem: no room for the word before the seed

interface Cell {
  readonly node: HTMLElement
  readonly picture: HTMLElement
  readonly word: HTMLElement
  readonly seed: HTMLElement
  readonly count: HTMLElement
  readonly gone: HTMLElement
}

function makeCell(choose: (event: MouseEvent) => void): Cell {
  const word = el("span.word", {}, "seed "), seed = el("span"), count = el("span"), gone = el("span.gone", {hidden: true}, "lost")
  const caption = el("span.caption", {}, el("span.seed", {}, word, seed), " ", count)
  const picture = el("span.picture", {}, gone)
  const node = on(el("button.cell", {type: "button"}, caption, picture), "click", choose)
  return {node, picture, word, seed, count, gone}
}

/** Writes a GAN's seed, how many of the target's modes it covers, and whether it is lost. */
function caption(cell: Cell, seed: number, label: string | undefined, lost: boolean, covered: number | null | undefined, modes: number): void {
  const counted = covered != null && modes > 0
  put(cell.seed, label ?? String(seed))
  cell.word.hidden = label !== undefined
  put(cell.count, counted && !lost ? `${covered}/${modes}` : "")
  cell.gone.hidden = !lost
  const words = lost ? "lost: its numbers are no longer finite" : counted ? `${covered}/${modes} modes covered` : ""
  const title = [label ?? `seed ${seed}`, words].filter(Boolean).join(", ")
  if (cell.node.title === title) return
  cell.node.title = title
  cell.node.setAttribute("aria-label", title)
}

export function render({model, view}: Component<{run: string, count: number, labels: readonly string[], colours: Readonly<Record<string, Colours>>}>): HTMLElement {
  const lane = owned<number>(view, "lane")
  const canvas = el("canvas", {"aria-hidden": "true"})
  const grid = el("div.grid", {role: "group", "aria-label": "GANs at once: choose the one on the stage"}, canvas)
  const box = el("div.box", {}, grid)
  const pictures = new Pictures(canvas)
  let cells: readonly Cell[] = [], boxes: readonly Box[] = [], scene: Scene | null = null
  let known: readonly [Many, Painted["covered"]] | null = null // of each, as the last frame has it

  function build(): void {
    cells = model.count < 2 ? [] : Array.from({length: model.count}, (_, i) => makeCell((event) => { choose(i, event) }))
    grid.replaceChildren(canvas, ...cells.map(({node}) => node))
    mark()
    tell()
    measure()
  }
  function choose(i: number, event: MouseEvent): void {
    lane.value = i
    if (byPointer(event)) cells[i]?.node.blur() // the keys are the page's again
  }
  function mark(): void {
    for (const [i, {node}] of cells.entries()) node.setAttribute("aria-pressed", String(i === lane.value))
  }

  // Where the pictures stand, in whole pixels of the screen.
  function measure(): void {
    const ratio = devicePixelRatio || 1, rem = parseFloat(getComputedStyle(document.documentElement).fontSize)
    if (!cells.length || !box.clientWidth) return
    const {columns, cell} = fit(cells.length, box.clientWidth / rem, box.clientHeight / rem)
    grid.style.setProperty("--columns", String(columns))
    grid.style.setProperty("--cell", `${Math.floor(cell * rem)}px`)
    grid.classList.toggle("tight", cell < TIGHT)
    const {left, top, width, height} = grid.getBoundingClientRect()
    pictures.resize(Math.round(width * ratio), Math.round(height * ratio))
    boxes = cells.map(({picture}) => {
      const place = picture.getBoundingClientRect()
      return {
        x: Math.round((place.left - left) * ratio), y: Math.round((place.top - top) * ratio),
        side: Math.round(place.width * ratio),
      }
    })
    paint()
  }
  function paint(): void {
    if (scene?.dots.x.shape[0] === boxes.length) pictures.paint(scene, boxes)
  }

  function tell(): void {
    if (!known) return
    const [{seeds, lost}, covered] = known
    if (seeds.length !== cells.length) return
    for (const [i, cell] of cells.entries()) {
      caption(cell, seeds[i] ?? 0, model.labels[i], lost[i] ?? false, covered?.[i], pictures.modes)
    }
  }

  function show({many, sources, covered, window = 1, line}: Painted): void {
    if (line !== "open") return
    pictures.share(sources.real, sources.circles)
    const {x, y} = sources.lanes ?? {}
    if (!many || !x || !y) return
    scene = {dots: {x, y}, flat: many.flat, window} // also where the model says only later how many there are
    known = [many, covered]
    tell()
    paint()
  }

  const watch = new ResizeObserver(measure)
  watch.observe(box)
  build()
  const page = pageOf(model.document)
  const wear = () => {
    pictures.wear(model.colours[page.now.theme]!)
    paint()
  }
  wear()
  const stopTheme = page.listen(wear)
  const stop = framesOf(model.document, model.run).listen(show) // also the frame of a run that stands still
  model.on("count", build)
  model.on("labels", tell)
  lane.change.connect(mark)
  model.on("remove", () => {
    watch.disconnect()
    lane.change.disconnect(mark)
    stop()
    stopTheme()
  })
  return box
}
