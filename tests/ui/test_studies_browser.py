"""The views of choice in a browser: chosen from the menu, drawn, moved by hand, hidden, and alone in a window."""

import io

import numpy as np
import pytest
from PIL import Image

import gandyn
from gandyn.ui.studies import MOST, STUDIES
from tests.ui.conftest import until

pytestmark = pytest.mark.browser
FITTING = [name for name, study in STUDIES.items() if not study.unfit(gandyn.preset("collapse"))]


def choose(lab, name: str) -> None:
    """Click on a view in the menu, as a person does."""
    menu = lab.page.locator(".menu.studies")
    if not menu.is_visible():
        lab.page.locator(".more-views").click()
    menu.locator(f"input[name=view-{name}]").click()


def panel(lab, name: str):
    return lab.page.locator(f"section[data-study={name}]")


def colours(lab, name: str) -> int:
    """How many there are in the picture of a view: a blank one has its ground alone."""
    with Image.open(io.BytesIO(panel(lab, name).locator(".plot").first.screenshot())) as picture:
        return len(picture.convert("RGB").getcolors(1_000_000))


def computed(lab, server, of: list[str]) -> int:
    """How many views the server has computed of the page's run; waits until these alone are known of it."""
    run = lab.js("new URL(sockets.findLast((one) => one.url.includes('/gandyn/')).url).searchParams.get('run')")
    until(lambda: server.stats()["runs"][run]["views"] == of, 20, f"the views {of}", server.stats)
    return server.stats()["runs"][run]["computed"]


def test_every_view_that_is_chosen_from_the_menu_is_drawn(open_lab):
    lab = open_lab("?play=0", size=(1280, 800))
    lab.page.keyboard.press("ArrowRight")
    lab.wait("window.gandyn.step === 1")
    drawn: list[str] = []
    for name in FITTING:
        choose(lab, name)
        drawn = [*drawn, name][-MOST:]
        panel(lab, name).locator(".step", has_text="step 1").wait_for()
        assert panel(lab, name).locator(".problem").first.inner_text() == ""
        until(lambda name=name: colours(lab, name) > 8, 20, f"{name} is drawn")
        assert [one for one in FITTING if panel(lab, one).is_visible()] == [one for one in FITTING if one in drawn]
    assert lab.problems == []


def test_a_slider_moves_what_is_drawn_and_nothing_is_asked_of_the_server(open_lab, server):
    lab = open_lab("?play=0&views=latent_grid")
    panel(lab, "latent_grid").locator(".step", has_text="step 0").wait_for()
    before = computed(lab, server, ["latent_grid"])

    def lines() -> np.ndarray:
        return np.array([lab.source("latent_grid-lines")[one] for one in ("x0", "y0", "x1", "y1")])

    warped = lines()
    seen = [warped]
    for t in ("0", "0.5"):
        lab.page.locator("input[name=slide-latent_grid]").fill(t)
        until(lambda: not any(np.array_equal(lines(), one) for one in seen), 20, "the lines move")
        seen.append(lines())
    _, flat, half = seen
    upright = np.unique(flat[0][np.isclose(flat[0], flat[2])].round(4))
    assert len(upright) == 17
    np.testing.assert_allclose(np.diff(upright), np.diff(upright).mean(), rtol=1e-3, err_msg="the flat grid is even")
    np.testing.assert_allclose(half, (flat + warped) / 2, atol=1e-5)
    assert computed(lab, server, ["latent_grid"]) == before


def test_what_is_hidden_is_not_computed(open_lab, server):
    lab = open_lab("?play=0&views=weights")
    panel(lab, "weights").locator(".step", has_text="step 0").wait_for()
    lab.page.keyboard.press("ArrowRight")
    panel(lab, "weights").locator(".step", has_text="step 1").wait_for()
    before = computed(lab, server, ["weights"])
    panel(lab, "weights").locator(".close").click()
    assert computed(lab, server, []) == before and panel(lab, "weights").is_hidden()
    for step in (2, 3):
        lab.page.keyboard.press("ArrowRight")
        lab.wait(f"window.gandyn.step === {step}")
    assert computed(lab, server, []) == before
    assert lab.problems == []


def test_a_view_alone_fills_its_window_and_has_nothing_else(open_lab):
    lab = open_lab("?play=0&view=spectrum", size=(800, 600))
    panel(lab, "spectrum").locator(".step", has_text="step 0").wait_for()
    until(lambda: colours(lab, "spectrum") > 8, 20, "it is drawn")
    box = panel(lab, "spectrum").bounding_box()
    assert box["width"] > 760 and box["height"] > 560
    assert len(lab.source("spectrum-values")["real"]) > 2
    for part in (".stage", ".chips", ".controls", "section.study .close"):
        assert not any(one.is_visible() for one in lab.page.locator(part).all()), part
    assert lab.problems == []


def test_a_link_to_a_page_of_several_views_alone_says_why_it_is_none(open_lab):
    lab = open_lab("?play=0&view=spectrum,weights")
    lab.page.get_by_text("view takes the name of one view").first.wait_for()
    assert not any(one.is_visible() for one in lab.page.locator("section.study").all())


def test_a_picture_over_many_values_goes_on_over_turns_and_stays_with_its_moment_until_it_is_asked_for_anew(open_lab):
    lab = open_lab("?preset=quadratic&play=0&views=bifurcation")
    view = panel(lab, "bifurcation")
    view.get_by_text("200 of 200 steps").wait_for()
    assert len(lab.source("bifurcation-points")["at"]) > 24
    lab.page.keyboard.press("ArrowRight")
    lab.wait("window.gandyn.step === 1")
    assert view.locator(".step").inner_text() == "step 0"
    view.locator(".again").click()
    view.locator(".step", has_text="step 1").wait_for()
    view.get_by_text("200 of 200 steps").wait_for()
    view.locator("input[name=choice-bifurcation-low]").fill("0.01")
    view.locator("input[name=choice-bifurcation-high]").fill("0.04")
    view.locator("input[name=choice-bifurcation-high]").press("Enter")
    ends = np.log10([0.01, 0.04])

    def spread() -> bool:
        at = lab.source("bifurcation-points")["at"]
        return np.allclose([min(at), max(at)], ends, atol=1e-6)

    until(spread, 20, "it goes from 0.01 to 0.04, all below 1/11, so no lane has run away")
    assert lab.source("bifurcation-away")["away_at"] == []
    view.locator("select[name=choice-bifurcation-knob]").select_option("lr_d")
    until(lambda: view.locator("input[name=choice-bifurcation-low]").input_value() == "", 20, "its range is its own")
    view.locator("input[name=choice-bifurcation-low]").fill("low")
    view.locator("input[name=choice-bifurcation-low]").press("Enter")
    view.get_by_text("a number is wanted, not 'low'").first.wait_for()
    assert lab.problems == []


def test_the_cloud_is_dragged_in_the_picture_and_its_distances_follow(open_lab):
    lab = open_lab("?play=0&view=transport_plan", size=(900, 700))
    view = panel(lab, "transport_plan")
    view.locator(".step", has_text="step 0").wait_for()

    def fake() -> np.ndarray:
        columns = lab.source("transport_plan-pairs")
        return np.array([columns["fake_x"], columns["fake_y"]])

    def numbers() -> list[float]:
        return [float(one) for one in view.locator("dd").all_inner_texts()]

    until(lambda: colours(lab, "transport_plan") > 8, 20, "it is drawn")
    before, (w1, js) = fake(), numbers()
    box = view.locator(".plot").first.bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    lab.page.mouse.move(x, y)
    lab.page.mouse.down()
    lab.page.mouse.move(x + 200, y - 100, steps=4)
    lab.page.mouse.up()
    until(lambda: numbers() != [w1, js], 20, "the numbers follow")
    way = fake() - before
    np.testing.assert_allclose(way, np.broadcast_to(way.mean(1, keepdims=True), way.shape), atol=1e-5)
    across, up = way.mean(1)
    assert across > 0 and up == pytest.approx(across / 2, rel=0.02), "as the pointer went"
    there = lab.source("transport_plan-pairs")
    lengths = np.hypot(*(fake() - np.array([there["real_x"], there["real_y"]])))
    assert numbers()[0] == pytest.approx(lengths.mean(), rel=0.01) and numbers()[0] > w1
    lab.page.mouse.dblclick(x, y)
    until(lambda: numbers() == [w1, js], 20, "a double click puts it back")
    np.testing.assert_array_equal(fake(), before)
    assert lab.problems == []
