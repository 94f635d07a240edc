// A view as a picture: what the browser shows of a figure, as SVG, or painted at twice its size as PNG.

import {letter} from "../compare/letter.ts"
import {type Figure, type FigureView, tagged} from "../bokeh/bokeh.ts"
import type {Painted} from "../frames/channel.ts"
import {digits, thousands} from "../page/numbers.ts"
import {type Entry, framed, type Framing, type Scale, SIZE, type Svg} from "./svg_frame.ts"

const LARGER = 2 // pixels of a PNG for each of the screen's
const TOKEN = (name: string): string =>
  getComputedStyle(document.documentElement).getPropertyValue(`--gandyn-${name}`).trim()

/** An entry of a legend as a view declares it: its colour is a token. */
export interface LegendEntry {
  readonly label: string
  readonly token: string
  readonly shape: string
  readonly needs?: string // of a view of choice: the number without which there is nothing of it
}

/** The legend of a figure of curves: of one run the view's own; of several, which is which, and what is what. */
export function legendOf(
  own: readonly LegendEntry[], several: readonly LegendEntry[], runs: readonly Painted[], dashes: readonly string[],
): LegendEntry[] {
  if (runs.length < 2) return [...own]
  const each = runs.map(({differs = ""}, i) => ({
    label: `${letter(i)} ${differs}`.trim(), token: `run${i + 1}`, shape: dashes[i] ?? "solid",
  }))
  return [...each, ...(several.length > 1 ? several : [])]
}

/** The line below a picture: preset, seed, step, and what differs; of several runs the legend says that. */
export function lineOf(runs: readonly Painted[], changed: string): string {
  const [first] = runs
  if (!first) return ""
  const seeds = new Set(runs.map(({seed}) => seed))
  const parts = [
    first.preset ?? "", seeds.size === 1 ? `seed ${first.seed ?? ""}` : "", `step ${thousands(first.step ?? 0)}`,
    runs.length === 1 ? first.differs || changed : "",
  ]
  return parts.filter(Boolean).join(" · ")
}

const shows = (figure: Figure, layer: string): boolean =>
  figure.renderers.some((one) => one.visible && tagged(one, "layer") === layer)

/** The legend of a stage: the dots that are shown, and the scale of the map. */
export function stageLegend(figure: Figure, {map}: Painted): {legend: LegendEntry[], scale: Scale | null} {
  const dots: LegendEntry[] = [
    {label: "real", token: "real", shape: "circle"}, {label: "generated", token: "generated", shape: "triangle"},
  ]
  const colours = TOKEN("map").match(/#[0-9a-f]{6}/gi) ?? []
  const scale = map && shows(figure, "map")
    ? {label: "critic", low: digits(map.low), high: digits(map.high), colours} : null
  return {legend: dots.filter(({label}) => shows(figure, label)), scale}
}

/** The picture of a figure. */
export async function svgOf(
  view: FigureView, legend: readonly LegendEntry[], scale: Scale | null, line: string,
): Promise<Svg> {
  const layer = view.export("svg", false)
  const {width, height} = layer.bbox
  const text = await (await layer.to_blob()).text()
  const font = TOKEN("font"), ruler = document.createElement("canvas").getContext("2d")!
  ruler.font = `${SIZE}px ${font}`
  const entries: Entry[] = legend.map(({label, token, shape}) => ({label, colour: TOKEN(token), shape}))
  const framing: Framing = {
    legend: entries, scale, line, font, ground: TOKEN("surface"), text: TOKEN("text"), muted: TOKEN("muted"),
    measure: (words) => ruler.measureText(words).width,
  }
  return framed({text, width, height}, framing)
}

export const svgBlob = ({text}: Svg): Blob => new Blob([text], {type: "image/svg+xml"})

/** The picture painted. */
export async function pngBlob(svg: Svg): Promise<Blob> {
  const url = URL.createObjectURL(svgBlob(svg))
  try {
    const image = new Image(svg.width, svg.height)
    image.src = url
    await image.decode()
    const canvas = new OffscreenCanvas(LARGER * svg.width, LARGER * svg.height)
    canvas.getContext("2d")!.drawImage(image, 0, 0, canvas.width, canvas.height)
    return await canvas.convertToBlob({type: "image/png"})
  } finally {
    URL.revokeObjectURL(url)
  }
}
