"""What the page lets one take along, in a browser."""

import csv
import io
import json
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import urlopen
from xml.etree import ElementTree

import numpy as np
import pytest
from PIL import Image

import gandyn
from gandyn.live.recording import MOMENTS
from gandyn.records.trace import digest
from tests.ui.test_copy_as import of_command, of_python
from tests.ui.test_report import data_of

pytestmark = pytest.mark.browser

SMALL = "batch_size=32&generator.widths=16&critic.widths=16&steps_per_second=0&seed=3"
X = "Array.from(Bokeh.documents[0].get_model_by_name('generated').data.x)"


def paused(open_lab, changed: bool = False):
    """A page that stands at some step."""
    lab = open_lab(f"?{SMALL}")
    lab.context.grant_permissions(["clipboard-read", "clipboard-write"])
    lab.wait("window.gandyn.step > 100", 60)
    if changed:
        lab.set("unroll", 1)
        lab.wait("window.gandyn.controls.unroll === 1")
        lab.wait(f"window.gandyn.step > {lab.js('window.gandyn.step')} + 5", 60)
    lab.page.keyboard.press("Space")
    lab.wait("!window.gandyn.playing")
    lab.page.wait_for_timeout(300)
    return lab


def copied(lab, name: str) -> str:
    lab.page.get_by_role("button", name=f"copy {name}", exact=True).click()
    lab.page.get_by_text(f"{name} copied", exact=True).wait_for()
    return lab.js("navigator.clipboard.readText()")


def test_every_form_that_is_copied_leads_to_what_is_seen(open_lab, tmp_path, monkeypatch):
    lab = paused(open_lab, changed=True)
    step, x = lab.js("window.gandyn.step"), lab.js(X)
    lab.page.locator("[data-do=link]").click()
    lab.page.get_by_text("link to this moment copied").wait_for()
    assert lab.page.get_by_role("heading", name=f"Share step {step:,}").is_visible()
    assert lab.page.get_by_text("Nobody else can open these links").is_visible()
    with lab.page.expect_download() as download:
        lab.page.locator(".sharing .form .file:not([hidden])").first.click()
    file = tmp_path / download.value.suggested_filename
    file.write_bytes(download.value.path().read_bytes())
    trace = json.loads(file.read_text())
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("gandyn.cli.training.draw", lambda directory: None)
    assert of_command(copied(lab, "command"), tmp_path / "again") == trace["sha256"]
    text = copied(lab, "Python")
    names: dict = {}
    exec(text, names)
    assert names["run"].state.step == step and of_python(text) == digest(names["run"].state) == trace["sha256"]
    frame = copied(lab, "embed")
    other = open_lab("?play=0&" + SMALL)
    other.page.set_content(f"<main>{frame}</main>")
    inner = other.page.frame_locator("iframe")
    inner.locator(".status").get_by_text(f"step {step:,}").wait_for(timeout=60_000)
    embedded = next(one for one in other.page.frames if one.parent_frame)
    embedded.wait_for_function(f"window.gandyn.step === {step}", timeout=60_000)
    assert embedded.evaluate(X) == x
    assert lab.problems == []


def test_the_dialog_is_for_the_keyboard_too(open_lab):
    lab = paused(open_lab)
    lab.page.locator("[data-do=link]").focus()
    lab.page.keyboard.press("Enter")
    lab.page.get_by_text("link to this moment copied").wait_for()
    for name in ("close", "link", "copy link", "link to step 0"):
        lab.page.keyboard.press("Tab")
        focused = lab.js(
            "(() => { let at = document.activeElement; while (at?.shadowRoot) at = at.shadowRoot.activeElement;"
            " return at.getAttribute('aria-label') })()"
        )
        assert focused == name
    lab.page.keyboard.press("Escape")
    lab.page.locator(".sharing").wait_for(state="hidden")


def saved(lab, view: str, what: str) -> Path:
    """What the menu of a view saves."""
    box = lab.page.locator(view).first
    box.hover()
    box.locator(".take > button").click()
    with lab.page.expect_download() as download:
        box.get_by_role("button", name=what, exact=True).click()
    path = Path(download.value.path())
    return path.rename(path.with_name(download.value.suggested_filename))


def test_every_view_is_a_picture_and_a_drawing(open_lab):
    lab = paused(open_lab, changed=True)
    step = lab.js("window.gandyn.step")
    views = {"stage": ".plot"} | {
        name: f".view[data-view={name}]" for name in ("losses", "gap", "coverage", "shares")
    }  # fmt: skip
    for name, selector in views.items():
        drawing, picture = saved(lab, selector, "drawing (SVG)"), saved(lab, selector, "picture (PNG)")
        assert picture.name == f"gandyn-collapse-{step}-{name}.png"
        root = ElementTree.parse(drawing).getroot()
        texts = ["".join(one.itertext()) for one in root.iter("{http://www.w3.org/2000/svg}text")]
        assert f"collapse · seed 3 · step {step:,}" in texts[-2] + " " + texts[-1]
        with Image.open(picture) as opened:
            size, pixels = opened.size, opened.convert("L").tobytes()
        assert size == (2 * int(float(root.get("width"))), 2 * int(float(root.get("height"))))
        place = lab.page.locator(selector).first.bounding_box()
        assert size[0] > 1.5 * min(place["width"], place["height"])
        assert len(set(pixels)) > 20, f"{name} shows something"
        if name == "stage":
            paths = [one.get("fill") for one in root.iter("{http://www.w3.org/2000/svg}path")]
            assert sum(fill == "rgb(213,94,0)" for fill in paths) == 1000, "one a generated sample"
            assert {"real", "generated", "critic"} <= set(texts)
    assert lab.problems == []


def test_numbers_are_those_of_the_run(open_lab, tmp_path):
    lab = paused(open_lab, changed=True)
    with lab.page.expect_download() as session:
        lab.page.keyboard.press("s")
    run = gandyn.replay(json.loads(Path(session.value.path()).read_text()))
    rows = list(csv.DictReader(io.StringIO(saved(lab, ".view[data-view=losses]", "numbers (CSV)").read_text())))
    assert [int(row["step"]) for row in rows] == run.series("critic_loss")[0].tolist()
    for name in ("critic_loss", "generator_loss", "gap"):
        assert np.array_equal([float(row[name]) for row in rows], run.series(name)[1])
    assert lab.problems == []


def test_a_menu_of_a_view_is_for_the_keyboard_too(open_lab):
    lab = paused(open_lab)
    button = lab.page.locator(".view[data-view=gap] .take > button")
    assert button.evaluate("(node) => getComputedStyle(node).opacity") == "0"
    button.focus()
    assert button.evaluate("(node) => getComputedStyle(node).opacity") == "1"
    lab.page.keyboard.press("Enter")
    lab.page.keyboard.press("Tab")
    with lab.page.expect_download():
        lab.page.keyboard.press("Enter")
    assert not lab.js("window.gandyn.playing"), "the keys of the menu are not those of the page"
    assert lab.problems == []


def ask(lab, name: str) -> None:
    lab.page.locator("[data-do=link]").click()
    lab.page.get_by_text("link to this moment copied").wait_for()
    lab.page.locator(".sharing .files").get_by_role("button", name=name, exact=True).click()


def test_a_report_of_what_is_seen_while_the_run_goes_on(open_lab, browser):
    lab = open_lab(f"?{SMALL}")
    lab.context.grant_permissions(["clipboard-read", "clipboard-write"])
    lab.wait("window.gandyn.step > 300", 60)
    with lab.page.expect_download(timeout=120_000) as download:
        ask(lab, "report")
        lab.page.locator(".exporting progress[max]").wait_for()
        step = lab.js("window.gandyn.step")
    lab.page.get_by_text("is saved").wait_for()
    assert lab.js("window.gandyn.step") > step, "it did not stand still for it"
    data = data_of(Path(download.value.path()).read_text())
    assert len(data["frames"]) == MOMENTS and data["steps"][0] == 0
    assert download.value.suggested_filename == f"gandyn-collapse-{data['steps'][-1]}.html"
    assert lab.problems == []


def test_a_movie_that_is_cancelled_is_not_saved(open_lab):
    lab = paused(open_lab)
    saves = []
    lab.page.on("download", lambda download: saves.append(download))  # noqa: PLW0108  playwright takes no builtin
    ask(lab, "movie")
    lab.page.get_by_role("button", name="cancel").click()
    lab.page.locator(".exporting").wait_for(state="hidden")
    with lab.page.expect_download() as download:
        ask(lab, "CSV")
    assert download.value.suggested_filename.endswith(".csv") and len(saves) == 1
    assert lab.problems == []


def test_a_key_that_nobody_was_given_opens_nothing(server):
    for key in ("", "?key=", "?key=guess"):
        with pytest.raises(HTTPError, match="404") as error:
            urlopen(f"{server.url}/gandyn/download{key}", timeout=10)
        error.value.close()
