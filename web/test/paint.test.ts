import assert from "node:assert/strict"
import {test} from "node:test"
import {Pace} from "../src/frames/pace.ts"
import {Schedule, SELDOM} from "../src/frames/schedule.ts"
import {sharesTop} from "../src/figures/shares_axis.ts"

const schedule = (...names: readonly string[]) => {
  const one = new Schedule<string>((name) => name === "stage")
  for (const name of names) one.add(name)
  return one
}

test("a live figure is painted at every animation frame, of the others one", () => {
  const one = schedule("losses", "gap", "stage")
  assert.deepEqual(one.take(0), ["stage", "losses"])
  one.add("stage")
  assert.deepEqual(one.take(16), ["stage", "gap"])
  assert.equal(one.rest(16), null)
})

test("a figure of curves waits until it is due, and the rest says how long", () => {
  const one = schedule("losses")
  assert.deepEqual(one.take(1000), ["losses"])
  one.add("losses")
  assert.deepEqual(one.take(1000 + SELDOM - 1), [])
  assert.equal(one.rest(1000 + SELDOM - 1), 1)
  assert.deepEqual(one.take(1000 + SELDOM), ["losses"])
})

test("all of many figures are painted in turn within one period", () => {
  const names = ["a", "b", "c", "d"]
  const one = schedule(...names)
  const painted: string[] = []
  for (let now = 0; now < SELDOM; now += 16) {
    for (const name of names) one.add(name)
    painted.push(...one.take(now))
  }
  assert.deepEqual(painted, names)
})

test("the one that has waited longest comes first", () => {
  const one = schedule("b")
  one.take(0)
  one.add("a")
  one.take(50)
  one.add("a")
  one.add("b")
  assert.deepEqual(one.take(1000), ["b"])
})

test("what was not taken is still due", () => {
  const one = schedule("losses", "gap")
  assert.deepEqual(one.take(0), ["losses"])
  assert.equal(one.has("gap"), true)
  assert.equal(one.rest(0), 0)
})

test("frames a second over two seconds, and the age by the server's clock", () => {
  const pace = new Pace()
  let reading = pace.of({time: 5, rate: 60}, 0, 5000 - 40)
  assert.deepEqual(reading, {fps: 0, age_ms: 0, rate: 60}) // ours is set behind the server's
  for (let i = 1; i <= 100; i++) reading = pace.of({time: 5 + i / 25, rate: 60}, i * 40, 5000 + i * 40 - 40)
  assert.equal(Math.round(reading.fps), 25)
  assert.ok(Math.abs(reading.age_ms) < 1e-6)
  assert.ok(Math.abs(pace.of({time: 9, rate: 60}, 4040, 9040).age_ms - 80) < 1e-6, "80 ms later than the fastest")
})

test("the axis of shares follows with slack", () => {
  assert.equal(sharesTop([0.1, 0.2], 1), 0.25)
  assert.equal(sharesTop([0.3, 0.2], 0.25), 0.5)
  assert.equal(sharesTop([0.24], 0.25), 0.25, "it still fits")
  assert.equal(sharesTop([0.21], 0.5), 0.5, "0.4 of the axis: it stays")
  assert.equal(sharesTop([0.19], 0.5), 0.25)
  assert.equal(sharesTop([1], 0.5), 1)
  assert.equal(sharesTop([], 1), 0.25)
})
