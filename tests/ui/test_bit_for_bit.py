"""A session of 30 changes and 4 branches, looked at anywhere and taken along in every way: the same bits."""

import json
import random
import subprocess
import sys
import zlib
from base64 import b64decode
from pathlib import Path

import numpy as np
import pytest

from gandyn.core.rng import Rng
from gandyn.diagnosis.moment import SAMPLES
from gandyn.live.run import Run
from gandyn.probes.inputs import generate
from gandyn.timeline.trace import timeline_of
from tests.live.test_frame import decode
from tests.ui.test_report import data_of
from tests.ui.test_share_browser import copied

QUERY = "batch_size=32&generator.widths=16&critic.widths=16&steps_per_second=300&seed=3"
PLACES = 20
CONTROLS = {
    "lr_g": [one / 1e4 for one in range(4, 20)],
    "lr_d": [one / 1e4 for one in range(4, 20)],
    "unroll": [0, 1, 2],
    "target.radius": [1.25, 1.5, 1.75, 2, 2.25],
    "ema": [0, 0.5, 0.75],
}
DOTS = """(() => {
  const {x, y} = Bokeh.documents[0].get_model_by_name("generated").data
  return {step: window.gandyn.step, x: Array.from(x), y: Array.from(y)}
})()"""
#: where on the bar of time nothing lies above it: the first such pixel of its middle
FREE = """(track) => {
  const {left, top, width, height} = track.getBoundingClientRect(), y = top + height / 2, root = track.getRootNode()
  for (let x = Math.ceil(left); x < left + width; x++)
    if (!root.elementFromPoint(x, y).closest("button")) return {x, y, left, width}
}"""
#: the corners of the triangles that a report paints, as which generated samples are drawn
SPY = """(() => {
  const {moveTo, closePath} = CanvasRenderingContext2D.prototype
  let last = null
  window.triangles = []
  CanvasRenderingContext2D.prototype.moveTo = function (x, y) { last = [x, y]; moveTo.call(this, x, y) }
  CanvasRenderingContext2D.prototype.closePath = function () { window.triangles.push(last); closePath.call(this) }
})()"""


class Session:
    """What a person does on one page, by its controls and its bar of time alone."""

    def __init__(self, lab, chance: random.Random) -> None:
        self.lab, self.chance = lab, chance

    def change(self, playing: bool = True) -> None:
        """Another value of some control; while it plays, some steps go on under it."""
        lab = self.lab
        name = self.chance.choice(list(CONTROLS))
        now = lab.js(f"window.gandyn.controls[{name!r}]")
        value = self.chance.choice([one for one in CONTROLS[name] if one != now])
        lab.set(name, value)
        if not playing:
            lab.page.keyboard.press("Space")
        lab.wait(f"window.gandyn.playing && window.gandyn.controls[{name!r}] === {value}")
        lab.wait(f"window.gandyn.step > {lab.js('window.gandyn.step')} + {self.chance.randint(5, 40)}")

    def pause(self) -> None:
        self.lab.page.keyboard.press("Space")
        self.lab.wait("!window.gandyn.playing")
        self.lab.page.wait_for_timeout(300)

    def stop(self) -> int:
        """The last step of the branch on which it stands."""
        return int(self.lab.page.locator(".track").get_attribute("aria-valuemax"))

    def go_to_line(self, number: int, stops: list[int]) -> None:
        """By the tick of that branch, unless it stands on it."""
        here = stops.index(self.stop())
        if here == number:
            return
        self.lab.page.locator(".ticks .fork").nth(number - (number > here)).dispatch_event("click")
        self.lab.wait(f"window.gandyn.step === {stops[number]}")
        self.lab.page.locator(f".track[aria-valuemax='{stops[number]}']").wait_for()

    def drag(self, step: int, end: int) -> int:
        """Drag to this step, as near as a pixel of the bar is; `end`: the last step of all branches."""
        track = self.lab.page.locator(".track")
        place = track.evaluate(FREE)
        x = round(place["left"] + place["width"] * step / end)
        there = min(int((x - place["left"]) / place["width"] * end + 0.5), self.stop())
        mouse = self.lab.page.mouse
        mouse.move(place["x"], place["y"])
        mouse.down()
        mouse.move(x, place["y"], steps=3)
        mouse.up()
        self.lab.wait(f"window.gandyn.step === {there}")
        return there

    def screen(self) -> dict:
        self.lab.page.wait_for_timeout(120)
        return self.lab.js(DOTS)


class Headless:
    """The session of a file without a page: only what the file says is known, every state is computed."""

    def __init__(self, trace: dict) -> None:
        self.run = Run.of(timeline_of(trace))
        self.lines = self.run.timeline.lines

    def dots(self, step: int, line: int) -> list[bytes]:
        """The float32 bytes of x and of y."""
        self.run.seek(step, self.lines[line])
        samples = generate(self.run.experiment, self.run.state, SAMPLES, Rng(self.run.seed)).numpy()
        return [samples[:, i].tobytes() for i in (0, 1)]


def bits(columns: dict) -> list[bytes]:
    return [np.asarray(columns[name], np.float32).tobytes() for name in ("x", "y")]


def look_around(session: Session, headless: Headless, count: int) -> set[tuple[int, int]]:
    """Random places, and that each shows what is computed for it; which they were."""
    stops, places = [line.stop for line in headless.lines], set()
    for _ in range(count):
        number = session.chance.randrange(len(stops))
        line = headless.lines[number]
        session.go_to_line(number, stops)
        step = session.drag(session.chance.randint(line.start, line.stop), max(stops))
        screen = session.screen()
        assert screen["step"] == step and bits(screen) == headless.dots(step, number)
        places.add((number, step))
    return places


def with_branches(session: Session) -> None:
    """30 changes, and three times back to somewhere and on otherwise."""
    session.lab.wait("window.gandyn.step > 50", 60)
    stops: list[int] = []
    for branch in range(4):
        if branch:
            session.go_to_line(session.chance.randrange(branch), stops)
            session.drag(session.stop() * session.chance.randint(30, 70) // 100, max(stops))
            session.change(playing=False)
        for _ in range(6 if branch else 9):
            session.change()
        session.pause()
        stops.append(session.stop())


def printed(command: list[str], folder: Path) -> list[str]:
    """What a Python of its own prints there, word by word."""
    command = [sys.executable, *command]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.split()


@pytest.mark.browser
def test_scrubbing_reload_link_file_command_python_and_report_show_the_same_bits(open_lab, browser, tmp_path):
    chance = random.Random(7)
    lab = open_lab(f"?{QUERY}")
    lab.context.grant_permissions(["clipboard-read", "clipboard-write"])
    session = Session(lab, chance)
    with_branches(session)
    with lab.page.expect_download() as saved:
        lab.page.keyboard.press("s")
    trace = json.loads(Path(saved.value.path()).read_text())
    assert sum(len(line["events"]) for line in trace["lines"]) >= 30 and len(trace["lines"]) == 4
    headless = Headless(trace)
    stops = [line.stop for line in headless.lines]
    assert len(look_around(session, headless, PLACES)) >= PLACES - 2

    session.go_to_line(3, stops)  # what is taken along
    step = session.drag((headless.lines[3].start + 2 * stops[3]) // 3, max(stops))
    screen = session.screen()
    wanted = headless.dots(step, 3)
    assert bits(screen) == wanted
    with lab.page.expect_download() as saved:
        lab.page.keyboard.press("s")
    file = tmp_path / saved.value.suggested_filename
    file.write_bytes(Path(saved.value.path()).read_bytes())
    trace = json.loads(file.read_text())
    assert (trace["stop"], trace["line"]) == (step, 3)

    lab.page.locator("[data-do=link]").click()
    lab.page.get_by_text("link to this moment copied").wait_for()
    link = lab.js("navigator.clipboard.readText()")
    assert "#moment=1." in link
    command, python = copied(lab, "command"), copied(lab, "Python")
    assert command == f"gandyn replay {file.name}"
    printed(["-m", *command.split(), "--out", "again", "--quiet"], tmp_path)
    assert json.loads((tmp_path / "again" / "summary.json").read_text())["sha256"] == trace["sha256"]
    digest = "from gandyn.records.trace import digest\nprint(digest(run.state))\n"
    assert printed(["-c", f"{python}\n{digest}"], tmp_path) == [trace["sha256"]]

    with lab.page.expect_download(timeout=60_000) as report:
        lab.page.locator(".sharing .files").get_by_role("button", name="report", exact=True).click()
    check_report(browser, Path(report.value.path()).rename(tmp_path / "report.html"), headless)
    lab.page.reload()
    lab.wait(f"window.gandyn?.step === {step}", 60)
    assert bits(session.screen()) == wanted
    look_around(session, headless, 3)
    other = open_lab(link[link.index("?") :])
    other.wait(f"window.gandyn.step === {step}", 60)
    assert bits(Session(other, chance).screen()) == wanted
    third = open_lab(f"?play=0&{QUERY}")
    third.open_file(file)
    third.wait(f"window.gandyn.step === {step}", 60)
    assert bits(Session(third, chance).screen()) == wanted
    assert third.page.locator(".ticks .fork").count() == 3
    look_around(Session(third, chance), headless, 3)
    assert lab.problems == other.problems == third.problems == []


def check_report(browser, file: Path, headless: Headless) -> None:
    """Its frames hold the bits of their steps, and what it paints at any of them are these numbers."""
    data = data_of(file.read_text())
    frames = [decode(zlib.decompress(b64decode(one))) for one in data["frames"]]
    assert len(frames) > 100 and [header["step"] for header, _ in frames] == data["steps"]
    for header, sources in frames:
        assert bits(sources["generated"]) == headless.dots(header["step"], 3)
    context = browser.new_context(viewport={"width": 1280, "height": 800}, offline=True)
    context.add_init_script(SPY)
    page = context.new_page()
    page.goto(file.as_uri())
    page.wait_for_selector(".report[data-step]")
    for place in random.Random(1).sample(range(len(frames)), PLACES):
        header, sources = frames[place]
        page.evaluate("window.triangles.length = 0")
        page.locator("input[type=range]").fill(str(place))
        page.wait_for_selector(f".report[data-step='{header['step']}']")
        painted = np.array(page.evaluate("window.triangles"))
        for axis, name in enumerate(("x", "y")):
            values = sources["generated"][name].astype(np.float64)
            unit = np.stack([values, np.ones_like(values)], 1)
            scale, *_ = np.linalg.lstsq(unit, painted[-len(values) :, axis], rcond=None)
            assert np.abs(unit @ scale - painted[-len(values) :, axis]).max() < 1e-3, "px"
    context.close()
