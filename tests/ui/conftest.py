"""A served laboratory and a browser to drive it."""

import json
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from scripts.chromium import FLAGS

ROOT = Path(__file__).parents[2]


def until(condition: Callable[[], bool], seconds: float, what: str, instead: Callable[[], object] = str) -> float:
    """Wait for what another process does; how long it took. `instead`: what there is, told where it is in vain."""
    start = time.monotonic()
    while not condition():
        assert time.monotonic() - start < seconds, f"after {seconds} s still not: {what}; {instead()}"
        time.sleep(0.1)
    return time.monotonic() - start


class Server:
    """A laboratory in a process of its own."""

    def __init__(self, command: list[str], port: int, log: Path, prefix: str = "") -> None:
        self.url = f"http://127.0.0.1:{port}{prefix}"
        self._log, self._command = log, command
        self.start_again()

    def start_again(self) -> None:
        """Also after its process has ended."""
        with self._log.open("a") as out:
            self._process = subprocess.Popen(self._command, cwd=ROOT, stdout=out, stderr=subprocess.STDOUT)
        until(self._answers, 60, "the server answers")

    def _answers(self) -> bool:
        assert self._process.poll() is None, self._log.read_text()
        try:
            self.stats()
        except urllib.error.URLError:
            return False
        return True

    def stats(self) -> dict:
        """See tests/ui/stats.py."""
        with urllib.request.urlopen(f"{self.url}/stats", timeout=10) as answer:
            return json.load(answer)

    def log(self) -> str:
        return self._log.read_text()

    def stop(self) -> None:
        self._process.terminate()
        self._process.wait(20)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Cable:
    """A line to a port of this machine that can be cut: what goes over it stops, and no new connection is had."""

    def __init__(self, port: int) -> None:
        self._to, self._ends, self._whole = port, [], True
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.port = self._listening.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                near, _ = self._listening.accept()
                if not self._whole:
                    near.close()
                    continue
                try:
                    far = socket.create_connection(("127.0.0.1", self._to))
                except OSError:  # the server has ended
                    near.close()
                    continue
                self._ends += [near, far]
                for one, other in ((near, far), (far, near)):
                    threading.Thread(target=self._carry, args=(one, other), daemon=True).start()

    def _carry(self, one: socket.socket, other: socket.socket) -> None:
        with suppress(OSError):
            while self._whole and (data := one.recv(65536)):
                other.sendall(data)
        for end in (one, other):
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
            end.close()

    def cut(self) -> None:
        self._whole = False
        for end in self._ends:
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
        self._ends.clear()

    def mend(self) -> None:
        self._whole = True

    def close(self) -> None:
        self.cut()
        self._listening.close()


def plain_server(log: Path, *options: str, prefix: str = "", port: int | None = None) -> Server:
    """`panel serve apps/dynamics.py` with these options."""
    port = port or free_port()
    serve = [sys.executable, "-m", "panel", "serve", "apps/dynamics.py", "--plugins", "tests.ui.stats", *options]
    return Server([*serve, "--port", str(port), "--address", "127.0.0.1"], port, log, prefix)


@pytest.fixture(scope="session")
def server(tmp_path_factory) -> Iterator[Server]:
    """Plain `panel serve apps/dynamics.py`."""
    running = plain_server(tmp_path_factory.mktemp("server") / "log")
    yield running
    running.stop()


@pytest.fixture
def own_server(tmp_path) -> Iterator[Server]:
    """`gandyn serve`."""
    port = free_port()
    running = Server([sys.executable, "-m", "tests.ui.own_server", str(port)], port, tmp_path / "log")
    yield running
    running.stop()


@pytest.fixture(scope="session")
def browser(chromium):
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        yield started
        started.close()


SOCKETS = """
window.sockets = []; window.barred = false; window.lastFrame = null; const Plain = WebSocket
window.WebSocket = class extends Plain {
  constructor(url, ...rest) {
    super(window.barred && url.includes("/gandyn/") ? url + "-barred" : url, ...rest)
    window.sockets.push(this)
    if (url.includes("/gandyn/")) this.addEventListener("message", ({data}) => { window.lastFrame = data })
  }
}"""
# By the letter of gandyn/live/frame.py: the length of the header, the header with a part for each run, the arrays.
AGAIN = """(change) => {
  const bytes = new Uint8Array(window.lastFrame), size = new DataView(window.lastFrame).getUint32(0, true)
  const header = JSON.parse(new TextDecoder().decode(bytes.subarray(4, 4 + size)))
  const [first, ...others] = header.parts
  const text = JSON.stringify({...header, parts: [{...first, ...change({...header, ...first})}, ...others]})
  const head = new TextEncoder().encode(text + " ".repeat(-new TextEncoder().encode(text).length & 3))
  const frame = new Uint8Array(4 + head.length + bytes.length - 4 - size)
  new DataView(frame.buffer).setUint32(0, head.length, true)
  frame.set(head, 4)
  frame.set(bytes.subarray(4 + size), 4 + head.length)
  window.sockets.findLast((one) => one.url.includes("/gandyn/")).onmessage({data: frame.buffer})
}"""


class Lab:
    """One page of the laboratory; `problems` holds console errors, page errors and requests to elsewhere."""

    door = "/dynamics"

    def __init__(self, browser, url: str, query: str = "", size: tuple[int, int] = (1280, 800)) -> None:
        self.context = browser.new_context(viewport={"width": size[0], "height": size[1]})
        self.context.add_init_script(SOCKETS)
        self.page = self.context.new_page()
        self.problems: list[str] = []
        self.page.on("console", lambda m: self.problems.append(m.text) if m.type in ("error", "warning") else None)
        self.page.on("pageerror", lambda error: self.problems.append(str(error)))
        self.context.route("**/*", self._guard)
        self.page.goto(f"{url}{self.door}{query}")
        self.enter()
        self.wait("window.gandyn && window.gandyn.frames > 0", 60)

    def enter(self) -> None:
        """What comes before the laboratory: nothing, where there is no login."""

    def _guard(self, route) -> None:
        if route.request.url.startswith(("http://127.0.0.1", "ws://127.0.0.1", "data:", "blob:")):
            route.continue_()
        else:
            self.problems.append(f"asks elsewhere: {route.request.url}")
            route.abort()

    def wait(self, condition: str, seconds: float = 20) -> None:
        """Wait for a condition in JavaScript."""
        self.page.wait_for_function(condition, timeout=1000 * seconds)

    def js(self, expression: str):
        return self.page.evaluate(expression)

    def source(self, name: str) -> dict[str, list[float]]:
        """The columns of a Bokeh source as the page holds them now."""
        return self.js(
            f"""(() => {{ const data = Bokeh.documents[0].get_model_by_name("{name}").data, found = {{}}
            for (const key in data) found[key] = Array.from(data[key], (v) => v?.length ? Array.from(v) : v)
            return found }})()"""
        )

    def set(self, name: str, value) -> None:
        """Set a control through its named model."""
        self.js(f"void (Bokeh.documents[0].get_model_by_name({json.dumps(name)}).value = {json.dumps(value)})")

    def open_file(self, file) -> None:
        """Open a saved session through the button, as soon as it is there."""
        self.page.locator("[data-do=open]").wait_for()
        with self.page.expect_file_chooser() as chooser:
            self.page.locator("[data-do=open]").click()
        chooser.value.set_files(file)

    def receive_again(self, change: str) -> None:
        """Let the page of a run that stands still receive its last frame again, and wait until it is painted.

        `change`: a function in JavaScript, from the header to what is different in it.
        """
        before = self.js("window.gandyn.frames")
        self.js(f"({AGAIN})({change})")
        self.wait(f"window.gandyn.frames > {before}")

    def cut_feed(self) -> None:
        """Close the line on which frames come, and let the page find no other; its session goes on."""
        self.js("window.barred = true, sockets.filter((s) => s.url.includes('/gandyn/')).forEach((s) => s.close())")

    def is_paused(self) -> bool:
        step = self.js("window.gandyn.step")
        time.sleep(0.4)
        return self.js("window.gandyn.step") == step and not self.js("window.gandyn.playing")

    def close(self) -> None:
        self.context.close()


@pytest.fixture
def open_lab(browser, server) -> Iterator[Callable[..., Lab]]:
    """Opens pages on the plain server; closes them after the test."""
    opened: list[Lab] = []

    def opening(query: str = "", url: str = server.url, **rest) -> Lab:
        opened.append(Lab(browser, url, query, **rest))
        return opened[-1]

    yield opening
    for lab in opened:
        lab.close()
