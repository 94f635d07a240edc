// The page's end of the stream: asks for a frame, paints it, says so, and tells the page what it has painted.

const GONE = 4404
const [SOONEST, LATEST] = [500, 5000] // ms between attempts to connect

function address(run) {
  const folder = location.pathname.replace(/[^/]*$/, "")
  const scheme = location.protocol === "https:" ? "wss:" : "ws:"
  return `${scheme}//${location.host}${folder}gandyn/stream?run=${encodeURIComponent(run)}`
}

// Frames a second over the last two seconds, and the age of a frame by the server's clock, were it set like ours.
class Pace {
  constructor() {
    this.times = []
    this.skew = 0
  }

  of(header) {
    const now = performance.now()
    this.times.push(now)
    while (now - this.times[0] > 2000) this.times.shift()
    const seconds = (now - this.times[0]) / 1000
    const raw = Date.now() - header.time * 1000
    this.skew = Math.min(this.skew, raw)
    return {fps: seconds > 0.2 ? (this.times.length - 1) / seconds : 0, age_ms: raw - this.skew, rate: header.rate}
  }
}

class Feed {
  constructor(model) {
    this.model = model
    this.figures = new Figures(model.document, model.figures, model.headroom)
    this.figureTheme = new FigureTheme(model.palette)
    this.pace = new Pace()
    this.frame = null
    this.header = null
    this.sources = {}
    this.wait = SOONEST
    this.closed = false
    this.asked = false
    window.gandyn = {step: 0, frames: 0, controls: {}, seed: null, playing: false}
  }

  say(message) {
    if (this.socket?.readyState === WebSocket.OPEN) {
      this.socket.send(JSON.stringify({...message, layers: this.model.layers}))
    }
  }

  // `line`: open, lost, or gone for good.
  tell(line) {
    const detail = {...this.header, ...this.now, sources: this.sources, line}
    window.dispatchEvent(new CustomEvent("gandyn-frame", {detail}))
  }

  // For a part of the page that was not there when the last frame came.
  repeat() {
    if (this.header && this.socket) this.tell("open")
  }

  connect() {
    if (this.closed || !this.model.ready || this.socket) return
    const socket = new WebSocket(address(this.model.run))
    socket.binaryType = "arraybuffer"
    socket.onopen = () => this.say({hello: true})
    socket.onmessage = (message) => this.receive(message.data)
    socket.onclose = (event) => this.lose(event.code)
    this.socket = socket
  }

  lose(code) {
    this.socket = null
    if (this.closed) return
    this.tell(code === GONE ? "gone" : "lost")
    if (code === GONE) return
    setTimeout(() => this.connect(), this.wait)
    this.wait = Math.min(2 * this.wait, LATEST)
  }

  // The data are set at once: Bokeh prepares them in microtasks, and the next animation frame only paints.
  receive(buffer) {
    this.wait = SOONEST
    this.frame = decode(buffer)
    this.figures.write(this.frame)
    this.schedule()
  }

  schedule() {
    if (this.asked) return
    this.asked = true
    requestAnimationFrame(() => {
      this.asked = false
      const left = this.figures.paint()
      if (this.frame) this.painted()
      clearTimeout(this.later)
      if (left !== null) this.later = setTimeout(() => this.schedule(), left)
    })
  }

  painted() {
    const {header, sources} = this.frame
    this.frame = null
    this.sources = header.series ? sources : {...this.sources, ...sources}
    this.header = header
    this.now = this.pace.of(header)
    const {step, controls, seed, playing} = header
    window.gandyn = {step, frames: window.gandyn.frames + 1, controls, seed, playing, ...this.now}
    this.say({ack: header.id})
    this.tell("open")
  }

  applyTheme() {
    this.figureTheme.apply(this.figures.figures(), this.model.theme, this.model.scale)
  }

  close() {
    this.closed = true
    this.socket?.close()
  }
}

export function render({model}) {
  const feed = new Feed(model)
  model.on("ready", () => feed.connect())
  model.on("layers", () => {
    feed.figures.layers(model.layers)
    feed.say({ack: feed.header?.id})
  })
  model.on(["theme", "scale"], () => feed.applyTheme())
  const ask = () => feed.repeat()
  window.addEventListener("gandyn-ask", ask)
  model.on("remove", () => {
    window.removeEventListener("gandyn-ask", ask)
    feed.close()
  })
  feed.figures.layers(model.layers)
  feed.applyTheme()
  feed.connect()
  return document.createElement("div")
}
