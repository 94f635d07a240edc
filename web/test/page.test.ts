import assert from "node:assert/strict"
import {test} from "node:test"
import type {BokehDocument} from "../src/bokeh/bokeh.ts"
import {Channel, framesOf, type Painted} from "../src/frames/channel.ts"
import {address, ask} from "../src/frames/connection.ts"
import {placeServer, serverOf} from "../src/frames/server.ts"
import {Page} from "../src/page/page_state.ts"
import {Playing, SETTLED} from "../src/time/playing.ts"

const bokeh = (): BokehDocument => ({get_model_by_name: () => null, on_event: () => {}})
const painted = (playing: boolean, notice?: string): Painted =>
  ({line: "open", sources: {}, playing, notice: notice === undefined ? null : {kind: "info", text: notice, action: null}})

test("frames go to those who listen to the same run of the same document", () => {
  const [one, other] = [bokeh(), bokeh()]
  const heard: string[] = []
  framesOf(one, "a").listen(() => { heard.push("one a") })
  framesOf(one, "b").listen(() => { heard.push("one b") })
  framesOf(other, "a").listen(() => { heard.push("other a") })
  framesOf(one, "a").tell(painted(true))
  assert.deepEqual(heard, ["one a"])
})

test("who comes later is told the latest, who has left nothing", () => {
  const channel = new Channel<number>()
  const heard: number[] = []
  channel.tell(1)
  channel.tell(2)
  const stop = channel.listen((value) => { heard.push(value) })
  channel.tell(3)
  stop()
  channel.tell(4)
  assert.deepEqual(heard, [2, 3])
})

test("the page tells what has changed, once", () => {
  const page = new Page("dark")
  const heard: boolean[] = []
  page.listen(({projector}) => { heard.push(projector) })
  page.set({projector: true})
  page.set({projector: true})
  page.set({theme: "dark"})
  assert.deepEqual(heard, [true])
  assert.equal(page.now.theme, "dark")
})

test("what one listener changes, those after it see", () => {
  const page = new Page("light")
  const heard: boolean[] = []
  page.listen(({projector}) => { page.set({folds: projector}) })
  page.listen(({folds}) => { heard.push(folds) })
  page.set({projector: true})
  assert.equal(heard.at(-1), true)
})

test("frames on their way when a command goes are not believed", () => {
  const displays: boolean[] = []
  const playing = new Playing(true, (now) => { displays.push(now) })
  playing.frame(painted(true), 0)
  playing.ask(1000)
  playing.set(false)
  playing.frame(painted(true), 1000 + SETTLED / 2)
  assert.equal(playing.now, false)
  playing.follow(1000 + SETTLED + 1)
  assert.deepEqual(displays, [false, true], "still the last one: the command was refused")
})

test("a frame with a notice of its own is believed at once", () => {
  const playing = new Playing(false, () => {})
  playing.frame(painted(false), 0)
  playing.ask(1000)
  playing.set(true)
  playing.frame(painted(false, "no longer finite"), 1010)
  assert.equal(playing.now, false)
})

test("a notice that was known before the command says nothing new", () => {
  const playing = new Playing(false, () => {})
  playing.frame(painted(false, "no longer finite"), 0)
  playing.ask(1000)
  playing.set(true)
  playing.frame(painted(false, "no longer finite"), 1010)
  assert.equal(playing.now, true)
})

test("the stream stands beside the page, also behind a prefix and under https", () => {
  const bokeh = {} as Parameters<typeof serverOf>[0]
  const at = (root: string, base: string) => address(placeServer(bokeh, root, base), "a b")
  assert.equal(at("./", "http://host:5006/lab/dynamics?x=/1"), "ws://host:5006/lab/gandyn/stream?run=a+b")
  assert.equal(at("../", "https://host/dynamics/"), "wss://host/gandyn/stream?run=a+b")
  assert.equal(at("https://lab.example/x/", "http://blog.example/post/1"), "wss://lab.example/x/gandyn/stream?run=a+b")
  assert.equal(serverOf(bokeh), "https://lab.example/x/")
  assert.equal(at("../?process=1", "http://host/lab/dynamics/"), "ws://host/lab/gandyn/stream?run=a+b&process=1")
})

test("a page that is not let in knows it from a page whose server is away", async () => {
  const answering = (status: number) => (async () => await Promise.resolve(new Response("", {status}))) as unknown as typeof fetch
  assert.equal(await ask("http://host/", "x", answering(403)), "refused")
  assert.equal(await ask("http://host/", "x", answering(404)), "gone")
  assert.equal(await ask("http://host/", "x", answering(200)), "lost")
  assert.equal(await ask("http://host/", "x", async () => await Promise.reject(new Error("no network"))), "lost")
})

test("a part of the page that fails stops no other", () => {
  const channel = new Channel<number>(), seen: number[] = [], said = console.error
  console.error = () => {}
  channel.listen(() => { throw new Error("broken") })
  channel.listen((value) => { seen.push(value) })
  channel.tell(1)
  channel.tell(2)
  console.error = said
  assert.deepEqual(seen, [1, 2])
})
