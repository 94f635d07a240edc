// The line to the server on which frames come: opened again when it breaks.

import type {Line} from "./channel.ts"
import type {FromViewer} from "../messages.ts"

const GONE = 4404 // the server knows no such run: there is nothing to try again for
const [SOONEST, LATEST] = [500, 5000] // ms between attempts to connect

/** Where the frames of a run come from, seen from a page. */
export function address(page: {protocol: string, host: string, pathname: string}, run: string): string {
  const folder = page.pathname.replace(/[^/]*$/, "")
  const scheme = page.protocol === "https:" ? "wss:" : "ws:"
  return `${scheme}//${page.host}${folder}gandyn/stream?run=${encodeURIComponent(run)}`
}

export interface Ends {
  opened(): void
  received(message: ArrayBuffer): void
  lost(line: Line): void
}

export class Connection {
  private readonly url: string
  private readonly ends: Ends
  private socket: WebSocket | null = null
  private wait = SOONEST
  private closed = false

  constructor(url: string, ends: Ends) {
    this.url = url
    this.ends = ends
  }

  open(): void {
    if (this.closed || this.socket) return
    const socket = new WebSocket(this.url)
    socket.binaryType = "arraybuffer"
    socket.onopen = () => { this.ends.opened() }
    socket.onmessage = (message: MessageEvent<ArrayBuffer>) => {
      this.wait = SOONEST
      this.ends.received(message.data)
    }
    socket.onclose = (event) => { this.lose(event.code) }
    this.socket = socket
  }

  private lose(code: number): void {
    this.socket = null
    if (this.closed) return
    this.ends.lost(code === GONE ? "gone" : "lost")
    if (code === GONE) return
    setTimeout(() => { this.open() }, this.wait)
    this.wait = Math.min(2 * this.wait, LATEST)
  }

  say(message: FromViewer): void {
    if (this.socket?.readyState === WebSocket.OPEN) this.socket.send(JSON.stringify(message))
  }

  close(): void {
    this.closed = true
    this.socket?.close()
  }
}
