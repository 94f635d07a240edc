// How small pictures fit into a box.

export const [GAP, LINE, RIM] = [0.375, 1.125, 0.25] // rem: between two pictures, of a caption, both sides of a frame

/** Whole rows of the largest squares that fit, `count` of them into a box; all lengths in rem. */
export function fit(count: number, width: number, height: number): {columns: number, cell: number} {
  const fits = (columns: number) => {
    const rows = count / columns
    const across = (width - (columns - 1) * GAP) / columns
    const down = (height - (rows - 1) * GAP) / rows - LINE
    return {columns, cell: Math.max(1, Math.min(across, down) - RIM)}
  }
  const whole = Array.from({length: count}, (_, i) => i + 1).filter((columns) => count % columns === 0)
  return whole.map(fits).reduce((best, one) => (one.cell > best.cell ? one : best))
}
