"""A real Chromium with the laboratory's page in it."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from playwright.sync_api import Page, sync_playwright

from scripts.chromium import ADVICE, FLAGS, find

WINDOW = {"width": 1280, "height": 800}
PATIENCE = 60_000  # ms

# window.gandyn is set once a painted frame: note when, and when the browser was done with that frame.
NOTES = """
(() => {
  let value
  const wall = (at = performance.now()) => Date.now() - (performance.now() - at) // timeOrigin drifts from the clock
  const channel = new MessageChannel()
  const open = []
  channel.port1.onmessage = () => { for (const seen of open.splice(0)) seen.done = wall() }
  window.benchmark = {seen: [], moved: [], watched: null}
  Object.defineProperty(window, "gandyn", {
    get: () => value,
    set: (next) => {
      value = next
      const {watched, seen} = window.benchmark
      if (!watched) return
      const one = {step: next.step, value: next.controls[watched], at: wall(), done: null}
      seen.push(one)
      open.push(one)
      channel.port2.postMessage(null)
    },
  })
  window.addEventListener("keydown", (event) => {
    if (window.benchmark.watched) window.benchmark.moved.push(wall(event.timeStamp))
  }, true)
})()
"""


class Tab:
    """The open page."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.streams: list[str] = []
        self.errors: list[str] = []
        page.on("websocket", lambda s: self.streams.append(s.url) if "/gandyn/stream" in s.url else None)
        page.on("console", lambda message: self.errors.append(message.text) if message.type == "error" else None)
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        page.add_init_script(NOTES)
        self.devtools = page.context.new_cdp_session(page)

    def open(self, url: str) -> None:
        """Open the page and wait until frames come."""
        self.page.goto(url, timeout=PATIENCE)
        self.page.wait_for_function("window.gandyn?.frames > 10", timeout=PATIENCE)

    def now(self) -> dict[str, Any]:
        """window.gandyn"""
        return self.page.evaluate("window.gandyn")

    def set(self, name: str, value: Any) -> None:
        """Give a control's model a value, and wait until a painted frame has it."""
        self.page.evaluate(f"Bokeh.documents[0].get_model_by_name({name!r}).value = {value!r}")
        self.page.wait_for_function(f"window.gandyn.controls[{name!r}] === {value!r}", timeout=PATIENCE)

    def play(self, playing: bool) -> None:
        """Play or pause, as a person does it: with the space bar."""
        if self.now()["playing"] != playing:
            self.page.evaluate("document.activeElement?.blur()")
            self.page.keyboard.press("Space")
            self.page.wait_for_function(f"window.gandyn.playing === {str(playing).lower()}", timeout=PATIENCE)

    def metrics(self) -> dict[str, float]:
        """What Chromium counts of the page: seconds of script, layout, style and of all tasks; bytes of heap."""
        self.devtools.send("Performance.enable")
        return {one["name"]: one["value"] for one in self.devtools.send("Performance.getMetrics")["metrics"]}

    def heap(self) -> float:
        """The JavaScript heap in MB, after a collection."""
        self.devtools.send("HeapProfiler.collectGarbage")
        return self.metrics()["JSHeapUsedSize"] / 1e6


@contextmanager
def tab(url: str) -> Iterator[Tab]:
    """Chromium with the page open; closed with the block."""
    path = find()
    if path is None:
        raise RuntimeError(f"No Chromium found: {ADVICE}.")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=FLAGS)
        try:
            opened = Tab(browser.new_page(viewport=WINDOW))
            opened.open(url)
            time.sleep(3)  # the first frames draw every figure anew
            yield opened
        finally:
            browser.close()
