"""Curves over gradients in the place of steps: chosen by hand or by a link, of every run at its own cost."""

from pathlib import Path

import pytest

import gandyn
from gandyn.ui.classroom.pages import heeded
from gandyn.ui.page.messages import ShowAxis
from gandyn.ui.page.page import build_page
from gandyn.ui.session.session import Session
from gandyn.ui.share import link


def asked(**query: str) -> link.Link:
    return link.read({key: [text.encode()] for key, text in query.items()}, ["collapse"])


def test_what_is_chosen_reaches_the_curves_and_the_link_which_opens_with_it():
    session = Session(gandyn.preset("collapse"))
    page, feed = build_page(session)
    assert (page.axis, feed.axis) == ("steps", "steps") and "axis" not in link.write(session)
    page.receive(ShowAxis("gradients"))
    assert (page.axis, feed.axis) == ("gradients", "gradients")
    written = link.write(session)
    assert written["axis"] == "gradients"
    again = asked(**written)
    assert again.axis == "gradients" and again.notice is None
    page, feed = build_page(Session(again.experiment), axis=again.axis)
    assert (page.axis, feed.axis) == ("gradients", "gradients")
    page.receive(ShowAxis("steps"))
    assert feed.axis == "steps"


def test_an_axis_that_there_is_not_is_left_out_in_a_line():
    found = asked(axis="hours", lr_g="0.005")
    assert found.axis == "steps" and found.experiment.knobs.lr_g == 0.005
    assert found.notice == "Left out of what the link asks for: axis is one of steps, gradients, not 'hours'."


def test_the_axis_of_who_looks_on_in_a_class_is_its_own():
    assert heeded({"axis": [b"gradients"], "unroll": [b"5"]}, teacher=False) == {"axis": [b"gradients"]}


def named(lab) -> list[str]:
    """What the axes along the steps are called in the figures, for pictures."""
    return lab.js(
        """Bokeh.documents[0]._all_models.values().toArray()
        .filter((one) => one.type === "Figure" && one.x_range.name === "axis-step")
        .map((one) => one.below[0].axis_label)"""
    )


@pytest.mark.browser
def test_a_comparison_is_lined_up_by_its_cost_in_all_its_curves(open_lab):
    lab = open_lab("?play=0&compare=unroll=2&axis=gradients")  # 1 gradient a step, and (1 + 1 + 2) / 2
    for step in range(1, 5):
        lab.page.keyboard.press("ArrowRight")
        lab.wait(f"window.gandyn.step === {step}")
    lab.wait("Bokeh.documents[0].get_model_by_name('losses@2').data.step.length === 4")
    assert lab.source("losses")["step"] == [1, 2, 3, 4] and lab.source("losses@2")["step"] == [2, 4, 6, 8]
    ends = "Bokeh.documents[0].get_model_by_name('axis-step').end"
    assert lab.js(ends) == 400, "room for 200 steps of the dearer one"
    assert set(named(lab)) == {"gradients"}

    lab.page.keyboard.press("ArrowLeft")
    lab.wait("window.gandyn.step === 3 && Bokeh.documents[0].get_model_by_name('losses_ahead').data.step.length === 2")
    assert lab.source("losses@2")["step"] == [2, 4, 6] and lab.source("losses_ahead@2")["step"] == [6, 8]

    view = lab.page.locator("[data-view=losses]")
    view.hover()
    view.get_by_role("button", name="save the losses").click()
    with lab.page.expect_download() as saved:
        view.get_by_role("button", name="drawing (SVG)").click()
    assert "gradients" in Path(saved.value.path()).read_text()

    view.locator("[data-do=axis]").click()
    lab.wait(f"{ends} === 200")
    assert lab.source("losses@2")["step"] == [1, 2, 3] and lab.source("losses_ahead@2")["step"] == [3, 4]
    assert set(named(lab)) == {"step"}
    lab.wait("!location.search.includes('axis')")
    view.locator("[data-do=axis]").click()
    lab.wait("location.search.includes('axis=gradients')")
    assert lab.source("losses@2")["step"] == [2, 4, 6]
    assert lab.problems == []


@pytest.mark.browser
def test_a_rule_that_is_changed_on_the_way_counts_piece_by_piece(open_lab):
    lab = open_lab("?play=0&axis=gradients")
    for step in (1, 2):
        lab.page.keyboard.press("ArrowRight")
        lab.wait(f"window.gandyn.step === {step}")
    lab.set("update_rule", "extragradient")
    for step in (3, 4):
        lab.page.keyboard.press("ArrowRight")
        lab.wait(f"window.gandyn.step === {step}")
    lab.wait("Bokeh.documents[0].get_model_by_name('losses').data.step.length === 4")
    assert lab.source("losses")["step"] == [1, 2, 4, 6] and lab.source("latest")["step"] == [6]
    assert lab.source("marks")["step"] == [2]
    assert lab.problems == []
