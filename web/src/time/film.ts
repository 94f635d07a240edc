// The film strip along the bar of time: small densities, each where its step lies.

import type {NumberColumns} from "../frames/frame.ts"

/** Whose picture is shown where: of neighbours that would overlap the earlier one stays; the last always does. */
export function placed(at: readonly number[], width: number): number[] {
  const kept: number[] = []
  for (const i of at.keys()) {
    const before = kept.at(-1)
    if (before === undefined || at[i]! - at[before]! >= width) kept.push(i)
    else if (i === at.length - 1 && kept.length > 1) kept[kept.length - 1] = i
  }
  return kept
}

/** Paints the pictures of the source `film` onto a canvas of whole pixels; `at`: px of a step, `ink`: a colour (r, g, b). */
export function paintFilm(
  canvas: HTMLCanvasElement, {image, step}: NumberColumns, at: (step: number) => number, ink: readonly number[],
): void {
  const ctx = canvas.getContext("2d")!
  ctx.clearRect(0, 0, canvas.width, canvas.height)
  if (!image || !step) return
  const side = image.shape[1]!, high = canvas.height
  const middles = Array.from(step.values, at).map((x) => Math.min(Math.max(x, high / 2), canvas.width - high / 2))
  const cell = new OffscreenCanvas(side, side), own = cell.getContext("2d")!
  for (const i of placed(middles, high + 2)) {
    const pixels = own.createImageData(side, side)
    for (let k = 0; k < side * side; k++) pixels.data.set([...ink, 255 * image.values[i * side * side + k]!], 4 * k)
    own.putImageData(pixels, 0, 0)
    ctx.drawImage(cell, Math.round(middles[i]! - high / 2), 0, high, high)
  }
}
