"""What the page lets one take along, in a browser."""

import json

import pytest

from gandyn.records.trace import digest
from tests.ui.test_copy_as import of_command, of_python

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
