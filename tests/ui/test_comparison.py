"""Comparing as a person does: what stands beside a run, whom a control is for, and the way back to one."""

import json
from pathlib import Path

import numpy as np
import pytest

import gandyn
from gandyn.records.trace import digest
from gandyn.ui.compare.alternatives import alternatives, another_value
from gandyn.ui.session.choices import listed_presets
from gandyn.ui.session.session import Session
from gandyn.ui.share import link
from tests.live.test_run import same
from tests.ui.test_save import opened


def go(session, steps):
    """So many single steps, also where a kernel has to be loaded first."""
    for _ in range(steps):
        session.command("step")
    while session.broadcast._commands:
        session.broadcast.serve()


def settled(session):
    while session.broadcast.seeking is not None:
        session.broadcast.serve()
    return [run.state.step for run in session.runs]


def test_from_the_start_both_stand_at_step_0_and_nothing_of_the_first_is_lost():
    session = opened()
    go(session, 20)
    before = session.broadcast.run.state
    session.compare({"unroll": 2})
    assert settled(session) == [0, 0]
    first, other = session.runs
    assert other.experiment == first.experiment.replace(unroll=2)
    assert same(first.state, other.state), "the same weights"
    go(session, 20)
    assert same(first.state, before) and not same(other.state, before)
    alone = gandyn.Run(other.experiment)
    alone.advance(20)
    assert same(other.state, alone.state)


def test_a_branch_from_here_shares_the_past():
    session = opened()
    go(session, 15)
    session.compare({"unroll": 3}, here=True)
    first, other = session.runs
    assert settled(session) == [15, 15] and same(first.state, other.state)
    go(session, 10)
    assert other.events() == [{"step": 15, "controls": {"unroll": 3}}] and first.events() == []
    assert np.array_equal(first.history()[1][:15], other.history()[1][:15])
    trace = other.trace()
    assert digest(gandyn.replay(trace).state) == trace["sha256"]


def test_a_change_is_for_the_one_that_is_steered_or_for_all():
    session = opened()
    session.compare({"unroll": 1})
    settled(session)
    rates = lambda: [run.experiment.knobs.lr_d for run in session.runs]  # noqa: E731
    assert session.steered == 1
    session.change(lr_d=1e-3)
    assert rates() == [5e-4, 1e-3]
    session.steer(0)
    session.change(lr_d=2e-3)
    assert rates() == [2e-3, 1e-3]
    session.steer(None)
    session.change(lr_d=3e-3)
    assert rates() == [3e-3, 3e-3] and session.experiment.rule.unroll == 0


def test_a_change_that_is_refused_by_one_is_made_to_none():
    session = opened()
    session.compare({"penalty": "r1"})
    session.steer(None)
    with pytest.raises(ValueError, match="lr_g"):
        session.change(lr_g=-1)
    assert [run.experiment.knobs.lr_g for run in session.runs] == [1e-3, 1e-3]


def test_one_that_begins_anew_takes_the_others_to_the_start_which_keep_their_past():
    session = opened()
    session.compare({"unroll": 1})
    go(session, 12)
    first, other = session.runs
    session.change(**{"critic.widths": "4"})
    assert session.runs[0] is first and session.runs[1] is not other
    assert settled(session) == [0, 0] and first.timeline.line.stop == 12


def test_four_are_the_most_and_any_can_be_taken_away():
    session = opened()
    for unroll in (1, 2, 3):
        session.compare({"unroll": unroll})
    with pytest.raises(ValueError, match="4 runs are compared at once at most"):
        session.compare({"unroll": 4})
    session.dismiss(0)
    assert [run.experiment.rule.unroll for run in session.runs] == [1, 2, 3] and session.steered == 0
    session.dismiss(1)
    session.dismiss(1)
    session.dismiss(0)
    assert [run.experiment.rule.unroll for run in session.runs] == [1], "the last one stays"
    with pytest.raises(ValueError, match="run must be"):
        session.steer(1)


def test_what_needs_a_reset_is_not_compared_from_the_middle():
    session = opened()
    go(session, 3)
    with pytest.raises(ValueError, match=r"critic.widths can be compared from step 0 only"):
        session.compare({"critic.widths": "4"}, here=True)
    assert len(session.runs) == 1
    session.compare({"critic.widths": "4"})
    assert settled(session) == [0, 0]


def test_of_many_gans_the_one_on_the_stage_goes_on_at_its_step():
    session = opened(lanes=4)
    go(session, 11)
    session.choose(2)
    before = session.runs[0]
    session.multiply(1)
    (run,) = session.runs
    assert (run.lanes, run.seed, run.state.step, session.lane) == (None, before.seeds[2], 11, 0)
    assert np.array_equal(run.history()[1], before.history()[1][..., 2])


def test_a_preset_or_another_number_of_gans_ends_a_comparison():
    session = opened()
    session.compare({"unroll": 1})
    session.multiply(4)
    assert len(session.runs) == 1 and session.lanes == 4
    session.multiply(1)
    session.compare({"unroll": 1})
    session.load("rotation")
    assert [run.experiment.name for run in session.runs] == ["rotation"]


def test_a_pinned_run_is_compared_with_later_from_the_start_on():
    session = opened()
    with pytest.raises(ValueError, match="no run is pinned"):
        session.command("pinned")
    go(session, 8)
    session.change(unroll=1)
    go(session, 4)
    session.command("pin")
    then = session.runs[0].state
    session.command("reset")
    session.change(unroll=3)
    go(session, 6)
    session.command("pinned")
    assert settled(session) == [0, 0]
    go(session, 12)
    assert same(session.runs[1].state, then) and session.runs[1].events()[0]["step"] == 8
    session.dismiss(1)
    session.command("pinned")
    assert len(session.runs) == 2, "it may be compared with again"


def test_a_link_of_a_comparison_opens_it_again():
    session = opened()
    session.compare({"unroll": 2, "lr_d": 1e-3})
    session.compare({"target.weights": "1,2,1,1,1,1,1,1"}, which=0)
    query = link.write(session)
    assert query["compare"].startswith("unroll=2 lr_d=0.001|")
    asked = link.read({name: [text.encode()] for name, text in query.items()}, listed_presets())
    assert asked.notice is None
    again = Session(asked.experiment)
    for controls in asked.compare:
        again.compare(controls, which=0)
    assert [run.experiment.values() for run in again.runs] == [run.experiment.values() for run in session.runs]


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("unroll", "compare takes NAME=VALUE, not 'unroll'"),
        ("unroll x=1", "compare takes NAME=VALUE, not 'unroll'"),
        ("penalty=r1 r3", "penalty 'r3' is unknown"),
        ("unroll=x", "unroll must be"),
        ("unrol=1", "unrol"),
        ("unroll=1|unroll=2|unroll=3|unroll=4", "3 runs beside the first at most, not 4"),
    ],
)
def test_a_comparison_that_is_not_understood_is_said(text, line):
    asked = link.read({"compare": [text.encode()]}, listed_presets())
    assert asked.compare == () and line in asked.notice
    many = link.read({"compare": [b"unroll=1"], "lanes": [b"4"]}, listed_presets())
    assert "one GAN a run" in many.notice


@pytest.mark.parametrize("name", listed_presets())
def test_every_alternative_of_a_preset_changes_something_and_fits(name):
    experiment = gandyn.preset(name)
    listed = alternatives(experiment)
    assert len(listed) >= 2 and len({one.label for one in listed}) == len(listed)
    for one in listed:
        assert experiment.replace(**one.controls) != experiment


@pytest.mark.parametrize("preset", ["collapse", "dirac"])
def test_every_control_has_another_value_or_says_that_it_has_none(preset):
    experiment, without = gandyn.preset(preset), []
    for name in experiment.values():
        try:
            other = another_value(experiment, name)
        except ValueError as error:
            assert "\n" not in str(error)
            without.append(name)
        else:
            assert experiment.replace(**other).values()[name] != experiment.values()[name]
    assert {"unroll", "lr_d", "objective", "penalty"}.isdisjoint(without)


def test_undo_takes_all_runs_back_to_the_step_of_the_change_and_only_the_steered_one_is_changed():
    session = opened()
    session.compare({"unroll": 2})
    settled(session)
    go(session, 10)
    session.change(lr_d=3e-3)
    go(session, 6)
    session.command("undo")
    session.broadcast.serve()
    assert settled(session) == [10, 10]
    go(session, 4)
    assert [run.experiment.knobs.lr_d != 3e-3 for run in session.runs] == [True, True]
    assert [run.state.step for run in session.runs] == [14, 14] and session.runs[1].timeline.events() == []
    session.command("redo")
    session.broadcast.serve()
    assert settled(session) == [16, 16] and session.runs[1].experiment.knobs.lr_d == 3e-3


SMALL = "batch_size=32&generator.widths=16&critic.widths=16&steps_per_second=100"


@pytest.mark.browser
def test_a_person_compares_steers_and_goes_back_to_one(open_lab):
    lab = open_lab(f"?{SMALL}")
    lab.wait("window.gandyn.step > 20", 60)
    lab.page.keyboard.press("c")
    lab.page.locator(".compare-menu").wait_for()
    for key in ("ArrowDown", "ArrowUp", "ArrowDown", "Enter"):  # the second of them, by keyboard alone
        lab.page.keyboard.press(key)
    cells = lab.page.locator(".stages .cell").filter(visible=True)
    cells.nth(1).get_by_text("k 5").wait_for()
    cells.nth(0).get_by_text("k 0").wait_for()
    lab.wait("Bokeh.documents[0].get_model_by_name('losses@2')?.data.step.length > 5", 60)
    assert len(lab.source("generated@2")["x"]) == 1000
    assert lab.source("generated@2")["x"] != lab.source("generated")["x"]
    lab.page.keyboard.press("Space")
    lab.wait("!window.gandyn.playing")
    assert lab.source("losses")["step"][-1] == lab.source("losses@2")["step"][-1], "one clock"
    lab.page.locator(".steering").get_by_role("button", name="A", exact=True).click()
    lab.set("lr_d", 2e-3)
    cells.nth(0).get_by_text("k 0, critic's rate 0.002").wait_for()
    with lab.page.expect_download() as saved:
        lab.page.keyboard.press("s")
    trace = json.loads(Path(saved.value.path()).read_text())
    assert trace["config"]["controls"]["unroll"] == 0, "the file is of the run that is steered"
    losses = lab.page.locator(".view[data-view=losses]").bounding_box()
    lab.page.mouse.move(losses["x"] + 0.6 * losses["width"], losses["y"] + 0.5 * losses["height"])
    said = lab.page.locator(".gandyn-hover").inner_text().splitlines()
    assert [line[:7] for line in said] == ["A  step", "B  step"] and "critic" in said[0]
    sizes = lab.js("[document.documentElement.scrollWidth, document.documentElement.scrollHeight]")
    assert sizes == [1280, 800]
    widths = "['', '@2'].map((at) => Bokeh.documents[0].get_model_by_name('view-stage' + at).inner_width)"
    same = lab.js(widths)
    cells.nth(1).locator("[data-do=larger]").click()
    lab.wait(f"(([a, b]) => a < {same[0] / 2} && b >= {same[1]})({widths})")
    assert lab.js("[document.documentElement.scrollWidth, document.documentElement.scrollHeight]") == [1280, 800]
    cells.nth(1).locator("[data-do=larger]").click()
    lab.wait(f"{widths}.join() === '{same[0]},{same[1]}'")
    cells.nth(0).locator(".close").click()
    lab.wait("window.gandyn.controls.unroll === 5")
    assert cells.count() == 1
    assert lab.problems == []


def test_undo_is_of_all_runs_where_all_are_steered():
    session = opened()
    session.compare({"unroll": 2})
    settled(session)
    session.steer(None)
    session.change(lr_g=5e-3)
    go(session, 3)
    session.command("undo")
    session.broadcast.serve()
    assert [run.state.step for run in session.runs] == [0, 0]
    assert all(run.experiment.knobs.lr_g != 5e-3 for run in session.runs)


def test_a_run_that_was_taken_back_catches_up_with_the_other():
    session = opened()
    go(session, 20)
    session.compare({"unroll": 1}, here=True)
    go(session, 1)
    session.change(lr_g=1e-3)
    go(session, 5)
    session.runs[1].timeline.undo()
    assert [run.state.step for run in session.runs] == [26, 21]
    go(session, 4)
    assert [run.state.step for run in session.runs] == [26, 25] and session.broadcast.notice is None
    go(session, 2)
    assert [run.state.step for run in session.runs] == [27, 27] and session.broadcast.notice is None


@pytest.mark.parametrize("others", [[{}], [{}, {"unroll": 2}], [{"unroll": 2}, {}]])
def test_a_link_of_runs_that_are_equal_opens_them_again(others):
    session = opened()
    for controls in others:
        session.compare(controls, which=0)
    query = link.write(session)
    asked = link.read({name: [text.encode()] for name, text in query.items()}, listed_presets())
    assert asked.notice is None and len(asked.compare) == len(others)
    for controls, asked_for in zip(others, asked.compare, strict=True):
        assert set(asked_for) == set(controls)
