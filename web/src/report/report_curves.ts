// The curves of a report: the series of its runs along the steps, and a line where it stands.

import type {Frame, NumberColumns} from "../frames/frame.ts"
import type {Axis} from "../page/messages.ts"
import {overGradients, spentAt} from "../figures/spent.ts"
import {axes, type Box, scaleOf, type Span} from "./report_axes.ts"

/** A curve: the source and column that it is drawn from, its colour (a token), its width, its dash. */
export interface Curve {
  readonly run: number
  readonly source: string
  readonly column: string
  readonly token: string
  readonly label: string
  readonly width: number
  readonly dash: readonly number[]
}

export interface Chart {
  readonly title: string
  readonly axis: string
  readonly curves: readonly Curve[]
}

interface Drawn {
  readonly source: string
  readonly column: string
  readonly token: string
  readonly label: string
}

const CHARTS: readonly {title: string, axis: string, drawn: readonly Drawn[]}[] = [
  {title: "losses", axis: "losses", drawn: [
    {source: "losses", column: "critic", token: "critic", label: "critic"},
    {source: "losses", column: "generator", token: "generated", label: "generator"},
  ]},
  {title: "look-ahead gap", axis: "gap", drawn: [
    {source: "gap", column: "gap", token: "text", label: "gain of k more critic updates"},
  ]},
  {title: "modes covered", axis: "modes", drawn: [
    {source: "modes", column: "covered", token: "covered", label: "modes covered"},
  ]},
  {title: "distance", axis: "distance", drawn: [
    {source: "distance", column: "sw2", token: "covered", label: "distance to the data"},
  ]},
]

const pattern = (dash: string): number[] => (dash === "solid" ? [] : dash.split(" ").map(Number))

/** The charts that have something to show of these runs: of one in the colours of its curves, of several in its own. */
export function chartsOf(last: Frame, dashes: readonly string[]): Chart[] {
  const several = last.length > 1
  return CHARTS.map(({title, axis, drawn}) => ({
    title, axis,
    curves: last.flatMap(({sources}, run) => drawn.filter(({source}) => sources[source]?.step?.values.length)
      .map((one, i) => ({
        ...one, run, token: several ? `run${run + 1}` : one.token,
        width: several && i ? 1 : 2, dash: several ? pattern(dashes[run] ?? "solid") : [],
      }))),
  })).filter(({curves}) => curves.length)
}

/** The last frame as its curves are drawn, and where each run stands at a step. */
export function along(axis: Axis, last: Frame): {readonly drawn: Frame, readonly places: (step: number) => number[]} {
  if (axis === "steps") return {drawn: last, places: (step) => [step]}
  const names = CHARTS.flatMap(({drawn}) => drawn.map(({source}) => source))
  return {
    drawn: last.map((part) => overGradients(part, names)),
    places: (step) => last.map(({header}) => spentAt(header.spent, Math.min(step, header.step))),
  }
}

/** The range of an axis over all runs. */
export function spanOf(last: Frame, axis: string): Span {
  const spans = last.map(({header}) => header.axes[axis]).filter((span) => span !== undefined)
  return [Math.min(...spans.map(([low]) => low)), Math.max(...spans.map(([, high]) => high))]
}

const MARGINS = {left: 44, right: 22, top: 6, bottom: 22}

/** Where the curves stand in a canvas of that size. */
export const boxOf = (width: number, height: number): Box => ({
  x: MARGINS.left, y: MARGINS.top,
  width: width - MARGINS.left - MARGINS.right, height: height - MARGINS.top - MARGINS.bottom,
})

function paintCurve(
  ctx: CanvasRenderingContext2D, {step}: NumberColumns, values: ArrayLike<number>,
  across: (value: number) => number, up: (value: number) => number,
): void {
  ctx.beginPath()
  for (let i = 0, down = false; i < values.length; i++) {
    const [x, y] = [across(step!.values[i]!), up(values[i]!)]
    if (!isFinite(y)) down = false
    else if (down) ctx.lineTo(x, y)
    else {
      ctx.moveTo(x, y)
      down = true
    }
  }
  ctx.stroke()
}

/** Paints a chart of `width` x `height` px over the `span` of its axis; `now`: where the runs stand on it. */
export function paintChart(
  ctx: CanvasRenderingContext2D, width: number, height: number, chart: Chart, last: Frame, span: Span, now: readonly number[],
  ink: {readonly text: string, readonly line: string, readonly font: string}, colour: (token: string) => string,
): void {
  const box = boxOf(width, height), low = spanOf(last, chart.axis)
  const across = scaleOf(span, box.x, box.x + box.width), up = scaleOf(low, box.y + box.height, box.y)
  ctx.clearRect(0, 0, width, height)
  ctx.save()
  ctx.beginPath()
  ctx.rect(box.x, box.y - 1, box.width, box.height + 2)
  ctx.clip()
  const upright = (step: number, dash: readonly number[], token: string) => {
    Object.assign(ctx, {strokeStyle: colour(token), lineWidth: 1})
    ctx.setLineDash([...dash])
    ctx.beginPath()
    ctx.moveTo(across(step), box.y)
    ctx.lineTo(across(step), box.y + box.height)
    ctx.stroke()
  }
  for (const [step] of last.flatMap(({header}) => header.marks)) upright(step, [2, 3], "mark")
  for (const {run, source, column, token, width: pen, dash} of chart.curves) {
    const columns = last[run]!.sources[source]!
    Object.assign(ctx, {strokeStyle: colour(token), lineWidth: pen})
    ctx.setLineDash([...dash])
    paintCurve(ctx, columns, columns[column]!.values, across, up)
  }
  for (const [run, at] of now.entries()) upright(at, [], now.length > 1 ? `run${run + 1}` : "accent")
  ctx.setLineDash([])
  ctx.restore()
  axes(ctx, box, span, low, ink)
}
