/** The latest value is always sent, and at most one every `ms`: more would only queue on the way. */
export function throttled<T>(ms: number, send: (value: T) => void): (value: T) => void {
  let last = 0
  let timer: ReturnType<typeof setTimeout> | null = null
  let pending: T
  const go = () => {
    timer = null
    last = performance.now()
    send(pending)
  }
  return (value) => {
    pending = value
    const rest = last + ms - performance.now()
    if (rest <= 0 && timer === null) go()
    else timer ??= setTimeout(go, Math.max(rest, 0))
  }
}
