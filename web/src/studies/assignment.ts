// The cheapest pairing of rows with columns, for the few points that a person drags about.

/** Of each row its column in the cheapest pairing of a square cost, by the Hungarian method (Kuhn 1955), O(n^3). */
export function assignment(cost: readonly ArrayLike<number>[]): number[] {
  const n = cost.length
  // Rows and columns are counted from 1; column 0 stands for the row that looks for a partner.
  const u = new Float64Array(n + 1), v = new Float64Array(n + 1) // the potentials
  const row = new Int32Array(n + 1), way = new Int32Array(n + 1) // the row of each column, the column before it
  for (let i = 1; i <= n; i++) {
    const least = new Float64Array(n + 1).fill(Infinity), used = new Uint8Array(n + 1)
    let column = 0
    row[0] = i
    do {
      used[column] = 1
      const of = row[column]!
      let delta = Infinity, next = 0
      for (let j = 1; j <= n; j++) {
        if (used[j]) continue
        const reduced = cost[of - 1]![j - 1]! - u[of]! - v[j]!
        if (reduced < least[j]!) {
          least[j] = reduced
          way[j] = column
        }
        if (least[j]! < delta) {
          delta = least[j]!
          next = j
        }
      }
      for (let j = 0; j <= n; j++) {
        if (used[j]) {
          u[row[j]!]! += delta
          v[j]! -= delta
        } else least[j]! -= delta
      }
      column = next
    } while (row[column] !== 0)
    do {
      const before = way[column]!
      row[column] = row[before]!
      column = before
    } while (column !== 0)
  }
  const partner = new Array<number>(n)
  for (let j = 1; j <= n; j++) partner[row[j]! - 1] = j - 1
  return partner
}
