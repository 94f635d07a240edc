"""The tool for own data in a real browser: drawn, erased, moved by hand and by keys, loaded and dropped."""

import numpy as np
import pytest

from gandyn.targets import point_text

pytestmark = pytest.mark.browser
MODES = {"draw": 1, "erase": 2, "gaussians": 3, "load": 4}
DROP = """async ([name, text]) => {
  const data = new DataTransfer()
  data.items.add(new File([text], name))
  document.dispatchEvent(new DragEvent("drop", {dataTransfer: data, bubbles: true, cancelable: true}))
}"""


@pytest.fixture(autouse=True)
def own_store(tmp_path, monkeypatch):
    monkeypatch.setenv("GANDYN_POINTS", str(tmp_path / "store"))


class Hand:
    """A pointer on the stage of a page, in data units; R is 3."""

    def __init__(self, lab, mode: str, stage: int = 0) -> None:
        self.lab, self.page = lab, lab.page
        if self.page.locator(".own .open").is_visible():
            self.page.click(".own .open")
        self.page.click(f".own .tools button:nth-child({MODES[mode]})")
        if mode != "load":
            sheet = self.page.locator(".sheet").nth(stage)
            sheet.wait_for()
            self.box = sheet.bounding_box()

    def px(self, x: float, y: float) -> tuple[float, float]:
        side = self.box["width"]
        return self.box["x"] + side * (x + 3) / 6, self.box["y"] + side * (3 - y) / 6

    def drag(self, *places: tuple[float, float]) -> None:
        self.page.mouse.move(*self.px(*places[0]))
        self.page.mouse.down()
        for place in places[1:]:
            self.page.mouse.move(*self.px(*place), steps=8)
        self.page.mouse.up()

    def control(self, name: str):
        return self.lab.js(f"window.gandyn.controls['{name}']")

    def wait(self, condition: str) -> None:
        self.lab.wait(f"(c => {condition})(window.gandyn.controls)")

    def line(self) -> str:
        return self.page.locator(".own .line").inner_text()


def points_of(hand: Hand) -> np.ndarray:
    return point_text.decode(hand.control("target.points"))


def test_a_drawing_becomes_the_target_while_the_run_goes_on(open_lab):
    lab = open_lab("?steps_per_second=60")
    lab.wait("window.gandyn.step > 20")
    hand = Hand(lab, "draw")
    assert hand.line() == "the first stroke takes the place of the target ring"
    hand.drag((-2, 0), (2, 0))
    hand.wait("c.target == 'points'")
    lab.page.wait_for_timeout(1800)  # the last of it is on its way; what is changed within a second is one change
    points, text = points_of(hand), hand.control("target.points")
    assert len(points) > 50 and np.abs(points[:, 1]).max() < 0.25 and np.abs(points[:, 0]).max() < 2.3
    assert hand.line() == f"{len(points)} points" and lab.js("window.gandyn.playing")
    assert lab.source("real")["x"] and lab.js("Bokeh.documents[0].get_model_by_name('axis-x').end") == 3
    hand = Hand(lab, "erase")
    hand.drag((0, -1), (0, 1))
    lab.page.wait_for_timeout(900)
    left = points_of(hand)
    assert 0 < len(left) < len(points) and np.abs(left[:, 0]).min() > 0.1
    lab.page.keyboard.press("z")
    hand.wait(f"c['target.points'] === {text!r}")
    lab.page.get_by_text(f"{len(points)} points", exact=True).wait_for()
    assert lab.problems == []


def test_gaussians_are_moved_by_hand_and_by_keys(open_lab):
    lab = open_lab("?steps_per_second=60")
    hand = Hand(lab, "gaussians")
    hand.drag((0, 2), (0.5, 1))
    hand.wait("c.target == 'gaussians' && c['target.x'][0] == 0.5")
    assert hand.control("target.y")[0] == pytest.approx(1, abs=0.02) and len(hand.control("target.x")) == 8
    hand.drag((0.5 + 0.45, 1), (0.5 + 0.75, 1))  # the circle, at three sigma
    hand.wait("c['target.sigmas'].length == 8 && Math.abs(c['target.sigmas'][0] - 0.25) < 0.02")
    lab.page.mouse.click(*hand.px(0, 0))
    hand.wait("c['target.x'].length == 9")
    step = lab.js("window.gandyn.step")
    for key in ("ArrowRight", "ArrowUp", "]", "ArrowRight"):
        lab.page.keyboard.press(key)
    hand.wait("c['target.x'][8] > 0.09 && c['target.weights'].length == 9")
    assert hand.control("target.y")[8] == pytest.approx(0.05) and hand.control("target.weights")[8] == pytest.approx(
        1.1
    )
    lab.wait(f"window.gandyn.step > {step} && window.gandyn.playing")  # the page's own keys were not meant
    assert lab.source("shares")["mode"][-1] == 8 and len(lab.source("circles")["radius"]) == 9
    lab.page.keyboard.press("Delete")
    hand.wait("c['target.x'].length == 8")
    lab.page.keyboard.press("Escape")
    lab.page.locator(".sheet").wait_for(state="detached")
    assert lab.page.locator("label.chip").first.is_visible() and lab.problems == []


def test_a_file_is_chosen_pasted_or_dropped(open_lab):
    lab = open_lab("?steps_per_second=60")
    lab.page.evaluate(DROP, ["square.csv", "x,y\n1,1\n-1,1\n-1,-1\n1,-1\n"])
    lab.wait("window.gandyn.controls.target == 'points'")
    hand = Hand(lab, "load")
    lab.page.evaluate(DROP, ["bad.csv", "1,2\n3,x\n"])
    lab.page.get_by_text("bad.csv holds 'x' in line 2, which is no number").wait_for()
    with lab.page.expect_file_chooser() as chooser:
        lab.page.get_by_role("button", name="choose a file").click()
    many = "\n".join(f"{i % 70},{i // 70}" for i in range(4900)).encode()
    chooser.value.set_files({"name": "many.csv", "mimeType": "text/csv", "buffer": many})
    lab.page.get_by_text("4,900 points of many.csv, scaled to standard deviation 1").wait_for()
    hand.wait("c['target.file'] == 'many.csv' && c['target.sha256'].length == 64")
    lab.page.get_by_role("button", name="paste").click()
    lab.page.get_by_role("textbox", name="points, two numbers a line").fill("0 1\n1 0")
    lab.page.get_by_role("button", name="use these points").click()
    lab.page.get_by_text("2 points of pasted points").wait_for()
    hand.wait("c['target.file'] == ''")
    assert len(points_of(hand)) == 2
    assert lab.problems == []


def test_each_stage_of_a_comparison_has_a_sheet_and_a_finger_draws_on_a_phone(open_lab):
    lab = open_lab("?steps_per_second=60")
    lab.page.keyboard.press("c")
    lab.page.get_by_role("button", name="look-ahead of 5 updates").click()
    hand = Hand(lab, "gaussians")
    lab.page.get_by_text("for run B: 8 Gaussians").wait_for()
    assert lab.page.locator(".sheet").count() == 1
    lab.page.get_by_role("group", name="which run the controls are for").get_by_text("all").click()
    hand = Hand(lab, "gaussians", stage=1)
    hand.drag((0, 2), (0, 1))
    hand.wait("c.target == 'gaussians'")  # of the first run, too
    phone = open_lab("?steps_per_second=60", size=(390, 844))
    hand = Hand(phone, "draw")
    touch = phone.context.new_cdp_session(phone.page)
    for kind, places in (("touchStart", [(-1, 0)]), ("touchMove", [(0, 1)]), ("touchMove", [(1, 0)]), ("touchEnd", [])):
        points = [dict(zip("xy", hand.px(*place), strict=True)) for place in places]
        touch.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})
    hand.wait("c.target == 'points'")
    assert phone.js("scrollY") == 0 and lab.problems == phone.problems == []
