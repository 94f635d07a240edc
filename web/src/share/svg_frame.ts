// A picture of a figure as it is taken away: on its ground, under its legend, above a line that says what it is.

export interface Entry {
  readonly label: string
  readonly colour: string
  readonly shape: string // solid, bold, thin, dashed, bar, band, circle, triangle; or a dash pattern "8 3"
}

/** The scale of a map: its colours from low to high, and what its ends are. */
export interface Scale {
  readonly label: string
  readonly low: string
  readonly high: string
  readonly colours: readonly string[]
}

export interface Framing {
  readonly legend: readonly Entry[]
  readonly scale: Scale | null
  readonly line: string
  readonly ground: string
  readonly text: string
  readonly muted: string
  readonly font: string
  readonly measure: (text: string) => number // px of a text at SIZE
}

export interface Svg {
  readonly text: string
  readonly width: number
  readonly height: number
}

export const SIZE = 11 // px of the type
const [PAD, ROW, SWATCH, GAP] = [12, 18, 18, 16]
const SCALE = 80 // px of the scale's bar
const STROKES: Readonly<Record<string, string>> = {
  solid: "stroke-width=\"2\"", bold: "stroke-width=\"3\"", thin: "stroke-width=\"1\"",
  dashed: "stroke-width=\"2\" stroke-dasharray=\"5 3\"",
}

const escaped = (text: string): string =>
  text.replace(/[&<>"]/g, (sign) => `&#${sign.charCodeAt(0)};`)

/** Things of these widths in rows: of each its row and its left edge. */
export function flow(widths: readonly number[], width: number, gap: number): {row: number, x: number}[] {
  let row = 0, x = 0
  return widths.map((own) => {
    if (x > 0 && x + own > width) [row, x] = [row + 1, 0]
    const place = {row, x}
    x += own + gap
    return place
  })
}

function swatch({shape, colour}: Entry): string {
  const fill = `fill="${escaped(colour)}"`
  if (shape === "circle") return `<circle cx="13" cy="0" r="4" ${fill}/>`
  if (shape === "triangle") return `<path d="M13-4.5L18 4.5H8Z" ${fill}/>`
  if (shape === "bar") return `<rect x="5" y="-5" width="8" height="10" ${fill}/>`
  if (shape === "band") return `<rect y="-5" width="18" height="10" ${fill} opacity="0.3"/>`
  const stroke = STROKES[shape] ?? `stroke-width="2.5" stroke-dasharray="${escaped(shape)}"`
  return `<path d="M0 0H18" fill="none" stroke="${escaped(colour)}" ${stroke}/>`
}

function scaleBar(scale: Scale, framing: Framing): {svg: string, width: number} {
  const {measure, muted} = framing
  const low = measure(scale.label) + 6, bar = low + measure(scale.low) + 5, high = bar + SCALE + 5
  const stops = scale.colours.map((colour, i) =>
    `<stop offset="${i / Math.max(1, scale.colours.length - 1)}" stop-color="${escaped(colour)}"/>`).join("")
  const svg = `<defs><linearGradient id="gandyn-scale">${stops}</linearGradient></defs>` +
    `<text dy="0.35em">${escaped(scale.label)}</text>` +
    `<text x="${low}" dy="0.35em" fill="${muted}">${escaped(scale.low)}</text>` +
    `<rect x="${bar}" y="-5" width="${SCALE}" height="10" fill="url(#gandyn-scale)"/>` +
    `<text x="${high}" dy="0.35em" fill="${muted}">${escaped(scale.high)}</text>`
  return {svg, width: high + measure(scale.high)}
}

/** The figure's SVG in its frame. */
export function framed(figure: Svg, framing: Framing): Svg {
  const {legend, scale, line, ground, text, muted, font, measure} = framing
  const room = figure.width - 2 * PAD
  const items = legend.map((entry) => ({
    svg: `${swatch(entry)}<text x="${SWATCH + 6}" dy="0.35em">${escaped(entry.label)}</text>`,
    width: SWATCH + 6 + measure(entry.label),
  }))
  if (scale) items.push(scaleBar(scale, framing))
  const places = flow(items.map(({width}) => width), room, GAP)
  const rows = places.length ? places.at(-1)!.row + 1 : 0
  const above = PAD / 2 + rows * ROW
  const words = line.split(" ").filter(Boolean)
  const said = flow(words.map(measure), room, measure(" "))
  const lines = words.length ? said.at(-1)!.row + 1 : 0
  const height = above + figure.height + lines * (ROW - 3) + PAD / 2
  const top = above + figure.height
  const body = [
    `<rect width="100%" height="100%" fill="${escaped(ground)}"/>`,
    ...items.map(({svg}, i) =>
      `<g transform="translate(${PAD + places[i]!.x} ${PAD / 2 + (places[i]!.row + 0.5) * ROW})">${svg}</g>`),
    figure.text.replace(/^[^]*?<svg /, `<svg x="0" y="${above}" `),
    ...Array.from({length: lines}, (_, row) => {
      const own = words.filter((_word, i) => said[i]!.row === row).join(" ")
      return `<text x="${PAD}" y="${top + row * (ROW - 3) + SIZE}" fill="${escaped(muted)}">${escaped(own)}</text>`
    }),
  ]
  const size = `width="${figure.width}" height="${height}" viewBox="0 0 ${figure.width} ${height}"`
  const face = `font-family="${escaped(font)}" font-size="${SIZE}" fill="${escaped(text)}"`
  return {
    text: `<svg xmlns="http://www.w3.org/2000/svg" ${size} ${face}>${body.join("")}</svg>`,
    width: figure.width,
    height,
  }
}
