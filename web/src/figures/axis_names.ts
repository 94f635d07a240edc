// The names of axes: one that is longer than its axis is not written, rather than cut; the legend has it, too. And axes
// that are there in a wide figure alone.

import {type Figure, type FigureView, type Model, tagged} from "../bokeh/bokeh.ts"

interface Axis extends Model {
  readonly axis_label: string | null
  readonly axis_label_text_font: string
  readonly axis_label_text_font_size: string
  readonly axis_label_text_alpha: number
  readonly visible: boolean
}

const SETTLED = 100 // ms after another size, until Bokeh has laid the figure out

/** Names what the axis below each figure measures. Returns those of which it is new. */
export function nameBelow(figures: readonly Figure[], axis_label: string): Figure[] {
  const axesOf = (figure: Figure) => figure.below as readonly Axis[]
  const other = figures.filter((figure) => axesOf(figure).some((axis) => axis.axis_label !== axis_label))
  for (const axis of other.flatMap(axesOf)) axis.setv({axis_label}, {sync: false})
  return other
}

/** Keeps to it while the figure changes its size. `width(text, font)`: in px. */
export function watchAxes(figure: Figure, view: FigureView, width: (text: string, font: string) => number): void {
  const sides = [[figure.left, () => figure.inner_height], [figure.below, () => figure.inner_width]] as const
  const check = () => {
    if (view.is_destroyed) return
    let changed = false
    const room = view.el.clientWidth / parseFloat(getComputedStyle(document.documentElement).fontSize) // rem
    for (const axis of figure.right as readonly Axis[]) {
      const visible = room >= Number(tagged(axis, "roomy") ?? 0)
      if (axis.visible !== visible && room) axis.setv({visible}, {sync: false})
    }
    for (const [axes, long] of sides) {
      for (const axis of axes as readonly Axis[]) {
        if (!long()) continue // not laid out yet
        const wide = width(axis.axis_label ?? "", `${axis.axis_label_text_font_size} ${axis.axis_label_text_font}`)
        const alpha = wide <= long() ? 1 : 0
        if (axis.axis_label_text_alpha === alpha) continue
        axis.setv({axis_label_text_alpha: alpha}, {sync: false})
        changed = true
      }
    }
    if (changed) view.repaint() // also where it stood
  }
  check()
  new ResizeObserver(() => { setTimeout(check, SETTLED) }).observe(view.el)
}
