// One frame of the stream: a header, and typed arrays by source and column. No page is needed here.

const KINDS = {f4: Float32Array, i4: Int32Array, u1: Uint8Array}

function scaled(raw, scale, shift) {
  const values = new Float32Array(raw.length)
  for (let i = 0; i < raw.length; i++) values[i] = raw[i] * scale + shift
  return values
}

// ArrayBuffer -> {header, sources: {source: {column: {values, shape}}}}; unscaled arrays are views of the buffer.
export function decode(buffer) {
  const size = new DataView(buffer).getUint32(0, true)
  const header = JSON.parse(new TextDecoder().decode(new Uint8Array(buffer, 4, size)))
  const sources = {}
  for (const [source, column, kind, shape, offset, scale = 1, shift = 0] of header.columns) {
    const length = shape.reduce((product, n) => product * n, 1)
    const raw = new KINDS[kind](buffer, 4 + size + offset, length)
    const values = scale === 1 && shift === 0 ? raw : scaled(raw, scale, shift)
    sources[source] ??= {}
    sources[source][column] = {values, shape}
  }
  return {header, sources}
}

export function same(a, b) {
  if (a?.length !== b?.length) return false
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i] && !(a[i] !== a[i] && b[i] !== b[i])) return false
  return true
}

// The names of the newest changes, each beside its mark and none over another: those that find no room are left out.
// marks: [[step, text]], oldest first; [low, high] spans `width` px; measure(text) is a width in px.
export function placeLabels(marks, low, high, width, measure, most = 6) {
  const placed = []
  for (const [step, text] of [...marks].reverse().slice(0, most)) {
    const at = (step - low) / (high - low) * width
    const wide = measure(text) + 6
    if (!(at >= 0 && at <= width)) continue
    for (const align of ["left", "right"]) {
      const left = align === "left" ? at : at - wide
      const free = placed.every((other) => left + wide <= other.left || left >= other.left + other.wide)
      if (left >= 0 && left + wide <= width && free) {
        placed.push({step, text, align, left, wide})
        break
      }
    }
  }
  return placed
}
