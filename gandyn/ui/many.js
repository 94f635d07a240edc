// Small pictures of the stage, one a GAN. They listen to the frames that the feed has painted.

const DOT = 1 / 70 // radius of a dot, of a picture's side
const LEAST = 1.1 // px
const ON_A_LINE = 2.5 // times as large: there they lie on top of each other
const REAL = 250 // real samples in a picture

const [GAP, LINE, RIM] = [0.375, 1.125, 0.25] // rem: between two pictures, of a caption, both sides of a frame
const TIGHT = 5 // rem: no room for the word before the seed

const circle = (ctx, x, y, radius) => { ctx.moveTo(x + radius, y); ctx.arc(x, y, radius, 0, 2 * Math.PI) }
function triangle(ctx, x, y, radius) {
  ctx.moveTo(x, y - 1.3 * radius)
  ctx.lineTo(x + 1.2 * radius, y + 0.9 * radius)
  ctx.lineTo(x - 1.2 * radius, y + 0.9 * radius)
}

/** {columns, cell}: whole rows of the largest squares that fit, `count` of them into a box; all lengths in rem. */
export function fit(count, width, height) {
  const fits = (columns) => {
    const rows = count / columns
    const [across, down] = [(width - (columns - 1) * GAP) / columns, (height - (rows - 1) * GAP) / rows - LINE]
    return {columns, cell: Math.max(1, Math.min(across, down) - RIM)}
  }
  const whole = Array.from({length: count}, (_, i) => i + 1).filter((columns) => count % columns === 0)
  return whole.map(fits).reduce((best, one) => (one.cell > best.cell ? one : best))
}

export function render({model}) {
  const lane = model.document.get_model_by_name("lane")
  const canvas = el("canvas", {"aria-hidden": "true"})
  const grid = el("div.grid", {role: "group", "aria-label": "GANs at once: choose the one on the stage"}, canvas)
  const box = el("div.box", {}, grid)
  let cells = [], boxes = [], real, circles, last = null, ground = null

  function build() {
    cells = model.count < 2 ? [] : Array.from({length: model.count}, (_, i) => {
      const [seed, count, gone] = [el("span"), el("span"), el("span.gone", {hidden: true}, "lost")]
      const caption = el("span.caption", {}, el("span.seed", {}, el("span.word", {}, "seed "), seed), count)
      const node = el("button.cell", {type: "button", onclick: (event) => choose(i, event)},
        caption, el("span.picture", {}, gone))
      return {node, seed, count, gone}
    })
    grid.replaceChildren(canvas, ...cells.map(({node}) => node))
    last = null
    mark()
    measure()
  }
  function choose(i, event) {
    lane.value = i
    if (event.detail) cells[i].node.blur() // after a click by mouse the keys are the page's again
  }
  const mark = () => cells.forEach(({node}, i) => node.setAttribute("aria-pressed", i === lane.value))
  const put = (node, text) => { if (node.textContent !== text) node.textContent = text }

  // Where the pictures stand, in whole pixels of the screen.
  function measure() {
    const ratio = window.devicePixelRatio || 1, rem = parseFloat(getComputedStyle(document.documentElement).fontSize)
    if (!cells.length || !box.clientWidth) return
    const {columns, cell} = fit(cells.length, box.clientWidth / rem, box.clientHeight / rem)
    grid.style.setProperty("--columns", columns)
    grid.style.setProperty("--cell", `${Math.floor(cell * rem)}px`)
    grid.classList.toggle("tight", cell < TIGHT)
    const {left, top, width, height} = grid.getBoundingClientRect()
    const [wide, high] = [Math.round(width * ratio), Math.round(height * ratio)]
    if (canvas.width !== wide || canvas.height !== high) Object.assign(canvas, {width: wide, height: high})
    boxes = cells.map(({node}) => {
      const place = node.querySelector(".picture").getBoundingClientRect()
      const [x, y, side] = [place.left - left, place.top - top, place.width].map((value) => Math.round(value * ratio))
      return {x, y, side}
    })
    ground = null
    paint()
  }

  // Points [from, to) of a source in a picture, each drawn by `shape(ctx, x, y, radius)`. What is not finite is left out.
  function dots(ctx, side, {x, y}, [from, to], shape) {
    const scale = side / (2 * last.window), radius = Math.max(LEAST, DOT * side) * (last.flat ? ON_A_LINE : 1)
    ctx.beginPath()
    for (let i = from; i < to; i++) {
      const px = side / 2 + x.values[i] * scale, py = side / 2 - y.values[i] * scale
      if (px > 0 && px < side && py > 0 && py < side) shape(ctx, px, py, radius)
    }
    ctx.fill()
  }

  // What all pictures have in common: the real samples, or the circles of the modes where the target has some.
  function makeGround(side) {
    const sheet = new OffscreenCanvas(Math.max(1, side), Math.max(1, side))
    const ctx = sheet.getContext("2d")
    const scale = side / (2 * last.window)
    ctx.fillStyle = model.colours.sheet
    ctx.fillRect(0, 0, side, side)
    ctx.fillStyle = model.colours.real
    ctx.globalAlpha = 0.45
    if (real) dots(ctx, side, real, [0, Math.min(REAL, real.x.values.length)], circle)
    ctx.globalAlpha = 0.55
    ctx.strokeStyle = model.colours.ink
    ctx.lineWidth = Math.max(1, side / 140)
    ctx.beginPath()
    for (let i = 0; i < modes(); i++) {
      const {x, y, radius} = circles
      circle(ctx, side / 2 + x.values[i] * scale, side / 2 - y.values[i] * scale, radius.values[i] * scale)
    }
    ctx.stroke()
    return {sheet, side, window: last.window}
  }

  function paint() {
    if (!last || !boxes.length || boxes.length !== last.lost.length) return
    const ctx = canvas.getContext("2d"), [{side}] = boxes
    if (!ground || ground.side !== side || ground.window !== last.window) ground = makeGround(side)
    ctx.clearRect(0, 0, canvas.width, canvas.height)
    const [, each] = last.dots.x.shape
    boxes.forEach((place, i) => {
      ctx.save()
      ctx.translate(place.x, place.y)
      ctx.drawImage(ground.sheet, 0, 0)
      ctx.beginPath()
      ctx.rect(0, 0, side, side)
      ctx.clip()
      ctx.fillStyle = model.colours.generated
      dots(ctx, side, last.dots, [i * each, (i + 1) * each], triangle)
      ctx.restore()
    })
  }

  const modes = () => circles?.x.values.length ?? 0

  function tell({seeds, lost}, covered) {
    cells.forEach((cell, i) => {
      const count = covered?.[i] != null && modes() ? `${covered[i]}/${modes()}` : ""
      put(cell.seed, String(seeds[i]))
      put(cell.count, lost[i] ? "" : count)
      cell.gone.hidden = !lost[i]
      const words = lost[i] ? "lost: its numbers are no longer finite" : count && `${covered[i]} of ${modes()} modes covered`
      const title = [`seed ${seeds[i]}`, words].filter(Boolean).join(", ")
      if (cell.node.title !== title) { cell.node.title = title; cell.node.setAttribute("aria-label", title) }
    })
  }

  function show({detail}) {
    const {many, sources} = detail
    if (detail.line !== "open" || !sources) return
    if (sources.real !== real || sources.circles !== circles) [real, circles, ground] = [sources.real, sources.circles, null]
    if (!many || !sources.lanes || many.seeds.length !== cells.length) return
    last = {dots: sources.lanes, lost: many.lost, flat: many.flat, window: detail.window}
    tell(many, detail.covered)
    paint()
  }

  model.on("count", build)
  lane.change.connect(mark)
  listen(model, {"gandyn-frame": show})
  const watch = new ResizeObserver(measure)
  watch.observe(box)
  model.on("remove", () => { watch.disconnect(); lane.change.disconnect(mark) })
  build()
  window.dispatchEvent(new CustomEvent("gandyn-ask")) // the frame of a run that stands still came before this
  return box
}
