// What a person drags about in the figure of a view of choice, with the pointer; a double click puts it back.

import type {BokehDocument, Figure, FigureView} from "../bokeh/bokeh.ts"
import {frameOf} from "../figures/figure_frame.ts"
import {pageOf} from "../page/page_state.ts"
import type {Way} from "./slides.ts"

/** Lets a person drag what a view declares as its grip. A touch scrolls the page, and has the slider. */
export function makeGrip(bokeh: BokehDocument, study: string, figure: Figure, {el: node}: FigureView): void {
  const page = pageOf(bokeh)
  const put = (way: Way) => { page.set({drags: {...page.now.drags, [study]: way}}) }
  node.style.cursor = "grab"
  node.addEventListener("pointerdown", (down) => {
    if (down.button !== 0 || down.pointerType === "touch") return
    const {left, top, width, height} = frameOf(figure, node), {clientX: x, clientY: y} = down
    if (x < left || x > left + width || y < top || y > top + height) return
    down.preventDefault()
    const [dx, dy] = page.now.drags[study] ?? [0, 0]
    const {x_range: across, y_range: up} = figure
    const scale = [(across.end - across.start) / width, (up.end - up.start) / height] as const
    const stop = new AbortController(), {signal} = stop
    const end = () => {
      stop.abort()
      node.style.cursor = "grab"
    }
    node.style.cursor = "grabbing"
    document.addEventListener("pointermove", ({clientX, clientY}) => {
      put([dx + scale[0] * (clientX - x), dy - scale[1] * (clientY - y)])
    }, {signal})
    document.addEventListener("pointerup", end, {signal})
    document.addEventListener("pointercancel", end, {signal})
  })
  node.addEventListener("dblclick", () => { put([0, 0]) })
}
