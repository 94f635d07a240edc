"""Many GANs at once, as a person meets them: pictures, a click, a link, a file."""

import json
from pathlib import Path

import numpy as np
import pytest

import gandyn
from gandyn.records.trace import digest
from tests.ui.conftest import until

pytestmark = pytest.mark.browser
SMALL = "batch_size=32&generator.widths=16&critic.widths=16&steps_per_second=100"
INK = """() => [...document.querySelectorAll("*")].length && (function find(root) {
  for (const node of root.querySelectorAll("*")) {
    if (node.shadowRoot) { const found = find(node.shadowRoot); if (found) return found }
    if (node.matches(".grid > canvas")) {
      const {width, height} = node // read from a copy: Chromium complains of a canvas that is read again and again
      const copy = new OffscreenCanvas(width, height).getContext("2d", {willReadFrequently: true})
      copy.drawImage(node, 0, 0)
      const {data} = copy.getImageData(0, 0, width, height)
      let count = 0
      for (let i = 0; i < data.length; i += 4) count += data[i] > 180 && data[i + 1] < 130 && data[i + 2] < 60
      return count
    }
  }
})(document) || 0"""


def pause(lab) -> int:
    lab.page.keyboard.press("Space")
    lab.wait("!window.gandyn.playing")
    until(lab.is_paused, 20, "paused")
    return lab.js("window.gandyn.step")


def test_a_click_puts_another_on_the_stage_also_of_a_run_that_stands_still(open_lab):
    lab = open_lab(f"?lanes=4&{SMALL}")
    cells = lab.page.locator("button.cell")
    assert cells.count() == 4 and lab.js("window.gandyn.controls.lanes") == 4
    lab.wait("window.gandyn.step > 60", 60)
    step = pause(lab)
    assert lab.js(INK) > 50, "the generated samples are drawn"
    cells.nth(2).click()
    lab.wait("window.gandyn.seed === 2")
    assert lab.js("window.gandyn.step") == step and lab.is_paused()
    assert [cells.nth(i).get_attribute("aria-pressed") for i in range(4)] == ["false", "false", "true", "false"]
    with lab.page.expect_download() as saved:
        lab.page.keyboard.press("s")
    trace = json.loads(Path(saved.value.path()).read_text())
    run = gandyn.replay(trace)
    assert digest(run.state) == trace["sha256"] and run.lanes == 4
    wanted = run.series("critic_loss")[1][:, 2].astype(np.float32)
    assert np.array_equal(np.float32(lab.source("losses")["critic"]), wanted), "the curves are those of this one"
    assert len(lab.source("bands_gap")["step"]) == len(lab.source("bands_hq")["p50"]) > 0
    lab.wait("new URLSearchParams(location.search).get('lane') === '2'")
    again = open_lab(lab.js("location.search"))
    assert again.js("[window.gandyn.seed, window.gandyn.step, window.gandyn.controls.lanes]") == [2, 0, 4]
    assert again.js(INK) > 50, "also before the first step"
    assert lab.problems == again.problems == []


def test_from_one_to_many_and_back(open_lab):
    lab = open_lab(f"?{SMALL}")
    lab.wait("window.gandyn.step > 20", 60)
    lab.page.locator("select[name=lanes]").select_option("9")
    lab.wait("window.gandyn.controls.lanes === 9")
    lab.wait("window.gandyn.step > 5", 60)
    until(lambda: lab.page.locator("button.cell").count() == 9, 10, "nine pictures")
    until(lambda: lab.js(INK) > 50, 10, "they are drawn")
    assert lab.js("[document.documentElement.scrollWidth, document.documentElement.scrollHeight]") == [1280, 800]
    lab.page.locator("button.cell").nth(8).click()
    lab.wait("window.gandyn.seed === 8")
    lab.set("unroll", 1)
    until(lambda: [*map("".join, lab.source("mark_labels")["text"])] == ["k 1"], 10, "its name stands there")
    lab.set("preset", "rotation")
    lab.wait("new URLSearchParams(location.search).get('preset') === 'rotation'")
    lab.wait("window.gandyn.step > 3 && window.gandyn.controls.lanes === 9", 60)
    lab.set("lanes", 1)
    lab.wait("window.gandyn.controls.lanes === 1 && window.gandyn.seed === 8")
    lab.wait("window.gandyn.step > 3")
    until(lambda: lab.page.locator("button.cell").count() == 0, 10, "no picture is left")
    assert lab.js("location.search").count("lane") == 0
    assert lab.problems == []


def test_one_that_is_lost_says_so(open_lab):
    lab = open_lab(f"?lanes=4&play=0&{SMALL}")
    until(lambda: lab.page.locator("button.cell").count() == 4, 10, "four pictures")
    lab.receive_again("({many}) => ({many: {...many, lost: [false, true, false, false]}})")
    cell = lab.page.locator("button.cell").nth(1)
    cell.get_by_text("lost").wait_for()
    assert "no longer finite" in cell.get_attribute("title")
    assert lab.page.get_by_text("lost", exact=True).filter(visible=True).count() == 1


@pytest.mark.parametrize(("lanes", "lowest"), [(1, 150), (16, 100)])
def test_a_low_window_has_curves_to_read_and_a_whole_key(open_lab, lanes, lowest):
    """A laptop's 1280 x 800 at 150 %."""
    lab = open_lab(f"?play=0&lanes={lanes}&{SMALL}", size=(853, 533))
    places = [view.bounding_box() for view in lab.page.locator(".view").filter(visible=True).all()]
    assert len(places) >= 3 and min(place["height"] for place in places) >= lowest
    stage = lab.page.locator(".stage").bounding_box()
    entries = [lab.page.locator(".key > span", has=lab.page.locator(kind)) for kind in ("circle", "path", ".bar")]
    for place in (entry.bounding_box() for entry in entries):
        assert stage["x"] <= place["x"] and place["x"] + place["width"] <= stage["x"] + stage["width"]
    assert lab.problems == []
