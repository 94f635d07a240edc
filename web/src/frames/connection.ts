// The line to the server on which frames come: opened again when it breaks, and not where the server refuses it.

import type {Line} from "./channel.ts"
import type {FromViewer} from "../messages.ts"
import {route} from "./server.ts"
import {Attempts} from "./attempts.ts"

const GONE = 4404 // the server knows no such run: there is nothing to try again for

/** Where the frames of a run come from. */
export const address = (server: string, run: string): string => route(server, "stream", {run}).replace(/^http/, "ws")

/** Whether the server would let the page in, which a browser does not say of a socket: "lost" where none answers. */
export async function ask(server: string, run: string, send: typeof fetch = fetch): Promise<Line> {
  try {
    const {status} = await send(`${server}gandyn/reach`, {method: "POST", body: new URLSearchParams({run})})
    return status === 403 ? "refused" : status === 404 ? "gone" : "lost"
  } catch {
    return "lost"
  }
}

export interface Ends {
  opened(): void
  received(message: ArrayBuffer): void
  lost(line: Line): void
}

export class Connection {
  private readonly url: string
  private readonly why: () => Promise<Line>
  private readonly ends: Ends
  private readonly attempts = new Attempts(() => { this.open() })
  private socket: WebSocket | null = null
  private closed = false

  /** `why` is asked when the line does not open. */
  constructor(url: string, why: () => Promise<Line>, ends: Ends) {
    this.url = url
    this.why = why
    this.ends = ends
  }

  open(): void {
    if (this.closed || this.socket) return
    const socket = new WebSocket(this.url)
    let opened = false
    socket.binaryType = "arraybuffer"
    socket.onopen = () => {
      opened = true
      this.ends.opened()
    }
    socket.onmessage = (message: MessageEvent<ArrayBuffer>) => {
      this.attempts.succeed()
      this.ends.received(message.data)
    }
    socket.onclose = ({code}) => { void this.lose(code, opened) }
    this.socket = socket
  }

  private async lose(code: number, opened: boolean): Promise<void> {
    this.socket = null
    if (this.closed) return
    this.ends.lost("lost")
    this.end(code === GONE ? "gone" : opened ? "lost" : await this.why())
  }

  private end(line: Line): void {
    if (this.closed) return
    if (line !== "lost") this.ends.lost(line)
    if (line !== "gone") this.attempts.again()
  }

  say(message: FromViewer): void {
    if (this.socket?.readyState === WebSocket.OPEN) this.socket.send(JSON.stringify(message))
  }

  close(): void {
    this.closed = true
    this.attempts.stop()
    this.socket?.close()
  }
}
