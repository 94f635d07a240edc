"""Lines that break, laptops that sleep, servers that are started again: a page goes on, and says what it did."""

import os
import re
import signal
import sys
import time

import pytest

from tests.ui.conftest import Cable, Lab, Server, free_port, plain_server, until

pytestmark = pytest.mark.browser


INERT = """(() => {  // of the bar, wherever its root lies
  const host = (node) => node.parentElement ?? node.getRootNode().host, find = (root) => {
    for (const one of root.querySelectorAll("*")) {
      const found = one.matches("[data-do=play]") ? one : one.shadowRoot && find(one.shadowRoot)
      if (found) return found
    }
  }
  for (let node = find(document); node; node = host(node)) if (node.inert) return true
  return false
})()"""


CUT_S = float(os.environ.get("GANDYN_CUT", "60"))  # 600: as long as a page is promised to sleep


def kill(server: Server) -> None:
    os.kill(server._process.pid, signal.SIGKILL)
    server._process.wait(20)


def status(lab: Lab) -> str:
    return " ".join(lab.page.locator(".status").all_inner_texts())


def goes_on(lab: Lab) -> bool:
    """Whether the status shows a rate, which is hidden while the line is lost."""
    return lab.page.locator(".status .rates").is_visible()


def said(lab: Lab) -> str:
    return " ".join(lab.page.locator(".notice").all_inner_texts())


def can_be_steered(lab: Lab) -> None:
    """A button and a slider do what they say, and frames come."""
    lab.page.locator("[data-do=play]").click()
    lab.wait("!window.gandyn.playing")
    lab.page.locator("[data-do=play]").click()
    lab.wait("window.gandyn.playing")
    step = lab.js("window.gandyn.step")
    lab.set("unroll", 3)
    lab.wait(f"window.gandyn.controls.unroll === 3 && window.gandyn.step > {step}")


def cabled(tmp_path, own: bool) -> tuple[Server, Cable]:
    """A server that is reached over a line which can be cut."""
    port = free_port()
    cable = Cable(port)
    near = f"127.0.0.1:{cable.port}"
    if own:
        server = Server([sys.executable, "-m", "tests.ui.own_server", str(port), near], port, tmp_path / "log")
    else:
        server = plain_server(tmp_path / "log", "--allow-websocket-origin", near, port=port)
    return server, cable


@pytest.mark.parametrize("own", [False, True], ids=["panel serve", "gandyn serve"])
def test_every_page_goes_on_after_a_cut_of_a_minute(browser, tmp_path, own):
    """Bokeh tries five times within half a minute; Panel lets only the page try in whose session it was imported."""
    server, cable = cabled(tmp_path, own)
    pages = [Lab(browser, f"http://127.0.0.1:{cable.port}") for _ in range(2)]
    try:
        before = [lab.js("window.gandyn.step") for lab in pages]
        runs = server.stats()["runs"]
        cable.cut()
        for lab in pages:
            lab.page.locator(".status", has_text="connection lost").wait_for(timeout=10_000)
            assert lab.js(INERT), "what is asked for would be lost without a word"
        time.sleep(CUT_S)
        assert server.stats()["runs"].keys() == runs.keys(), "nobody has said good-bye"
        cable.mend()
        for lab, step in zip(pages, before, strict=True):
            until(
                lambda lab=lab: goes_on(lab), 15, "the line is back", lambda lab=lab: (status(lab), lab.problems[-6:])
            )
            lab.wait(f"window.gandyn.step > {step} && !({INERT})")
            can_be_steered(lab)
        assert server.stats()["runs"].keys() == runs.keys()
        assert "Traceback" not in server.log(), server.log()[-3000:]
    finally:
        for lab in pages:
            lab.close()
        cable.close()
        server.stop()


@pytest.mark.parametrize("own", [False, True], ids=["panel serve", "gandyn serve"])
def test_a_page_goes_on_from_its_own_last_moment_on_a_server_that_was_started_again(browser, tmp_path, own):
    server, cable = cabled(tmp_path, own)
    lab = Lab(browser, f"http://127.0.0.1:{cable.port}")
    try:
        lab.set("lr_d", 0.0003)
        lab.wait("window.gandyn.controls.lr_d === 0.0003")
        lab.wait("window.gandyn.step > 300", 60)
        kill(server)
        lab.page.locator(".status", has_text="connection lost").wait_for(timeout=10_000)
        step = lab.js("window.gandyn.step")
        server.start_again()
        lab.page.locator(".notice", has_text="goes on from step").wait_for(timeout=40_000)
        (at,) = re.findall(r"from step ([\d,]+)", said(lab))
        assert abs(int(at.replace(",", "")) - step) <= 1, "no step is lost"
        lab.wait(f"window.gandyn.step > {step} && window.gandyn.controls.lr_d === 0.0003", 30)
        assert "lost" not in status(lab)
        can_be_steered(lab)
        lab.page.reload()
        lab.wait("window.gandyn && window.gandyn.controls.unroll === 3", 40)
        assert "Traceback" not in server.log(), server.log()[-3000:]
    finally:
        lab.close()
        cable.close()
        server.stop()


def test_a_refused_page_says_so(browser, tmp_path):
    """Behind a name that the server was not told of; Bokeh refuses its own socket by the same list."""
    port = free_port()
    cable = Cable(port)
    server = Server([sys.executable, "-m", "tests.ui.own_server", str(port)], port, tmp_path / "log")
    page = browser.new_page()
    try:
        page.goto(f"http://127.0.0.1:{cable.port}/dynamics")
        page.locator("[role=alert]", has_text="The server refuses this page").wait_for(timeout=20_000)
        assert f"--allow-websocket-origin 127.0.0.1:{cable.port}" in page.locator("[role=alert]").inner_text()
        until(lambda: not server.stats()["runs"], 30, "nothing is trained for it")
    finally:
        page.close()
        cable.close()
        server.stop()
