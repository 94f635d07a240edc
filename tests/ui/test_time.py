"""The past of a page: any step by a drag, branches, bookmarks, a reload, a file, and a link to a moment."""

import json
import random
import time
from pathlib import Path

import numpy as np
import pytest

import gandyn
from gandyn.core.bounds import MEGABYTE
from gandyn.records.trace import digest
from gandyn.timeline import moment
from gandyn.timeline.kept import BUDGET
from gandyn.ui.server import on_air
from gandyn.ui.server.limits import Limits
from gandyn.ui.session.session import Session
from gandyn.ui.time.transport import _read, _short, _text
from tests.live.test_run import same
from tests.ui.conftest import until
from tests.ui.test_comparison import go, settled
from tests.ui.test_save import opened


def trace_of(session) -> dict:
    traces = []
    session.save(traces.append)
    while not traces:
        session.broadcast.serve()
    return traces[0]


def with_branches() -> Session:
    """Changes at 10 and 20, and from step 15 another branch, on which it stands at step 40."""
    session = opened()
    for steps, controls in ((10, {"unroll": 1}), (10, {"lr_g": 2e-3}), (10, {})):
        go(session, steps)
        if controls:
            session.change(**controls)
    session.look(15)
    settled(session)
    session.change(lr_d=1e-3)
    go(session, 25)
    return session


def test_to_look_back_loses_nothing_and_the_controls_are_those_of_that_step():
    session = with_branches()
    timeline = session.runs[0].timeline
    assert [line.stop for line in timeline.lines] == [30, 40] and session.experiment.knobs.lr_d == 1e-3
    there = session.runs[0].state
    session.look(5)
    assert settled(session) == [5] and session.experiment.rule.unroll == 0 and not session.playing
    session.look(25, 0)
    assert settled(session) == [25] and session.experiment.knobs.lr_g == 2e-3
    assert timeline.line is timeline.lines[0]
    session.look(40, 1)
    assert settled(session) == [40] and same(session.runs[0].state, there)
    session.command("back")
    assert settled(session) == [39]


def test_undo_and_redo_are_commands():
    session = opened()
    go(session, 5)
    session.change(unroll=2)
    go(session, 5)
    session.command("undo")
    session.broadcast.serve()
    assert (session.runs[0].state.step, session.experiment.rule.unroll) == (5, 0)
    session.command("redo")
    session.broadcast.serve()
    assert (session.runs[0].state.step, session.experiment.rule.unroll) == (10, 2)


def test_a_reset_is_a_branch_from_step_0_under_the_present_controls():
    session = opened()
    go(session, 10)
    session.change(unroll=1)
    go(session, 5)
    before = session.runs[0].state
    session.command("reset")
    go(session, 4)
    run = session.runs[0]
    assert (run.state.step, run.events()) == (4, [{"step": 0, "controls": {"unroll": 1}}])
    alone = gandyn.Run(run.experiment)
    alone.advance(4)
    assert same(alone.state, run.state)
    session.look(15, 0)
    assert settled(session) == [15] and same(session.runs[0].state, before)


def test_a_file_opens_with_its_branches_and_bookmarks_at_its_step():
    session = with_branches()
    session.bookmark(12)
    session.bookmark(33)
    session.bookmark(12)
    trace = json.loads(_text(trace_of(session)))
    assert trace["bookmarks"] == [{"line": 1, "step": 33}]
    page = opened()
    page.open_trace(trace)
    assert settled(page) == [40] and page.bookmarks == [{"line": 1, "step": 33}]
    assert same(page.runs[0].state, session.runs[0].state)
    assert [line.stop for line in page.runs[0].timeline.lines] == [30, 40]
    page.look(30, 0)
    session.look(30, 0)
    settled(page), settled(session)
    assert same(page.runs[0].state, session.runs[0].state)
    go(page, 3)
    assert page.runs[0].readings()[0].tolist() == list(range(1, 34)), "what is made again is measured, too"


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("{", "is not JSON"),
        ("[" * 100_000, "nests deeper"),
        ("[1]", "no trace of the format"),
        ('{"format": "gandyn-trace-2"}', "missing required field config"),
        ('{"format": "gandyn-trace-9"}', "no trace of the format"),
    ],
)
def test_what_is_no_session_is_refused_with_one_line_and_nothing_changes(text, line):
    session = opened()
    go(session, 3)
    run = session.runs[0]
    with pytest.raises(ValueError, match=line) as error:
        session.open_trace(_read(text))
    assert "\n" not in str(error.value) and session.runs == (run,)


@pytest.mark.parametrize("bookmarks", [3, [1], [{"line": 0}], [{"line": "x", "step": 1}], [{"line": 0, "step": 1e999}]])
def test_bookmarks_that_are_none_are_refused_with_one_line_and_nothing_changes(bookmarks):
    session, trace = opened(), trace_of(with_branches())
    run = session.runs[0]
    with pytest.raises(ValueError, match="bookmark of this session is not of the form"):
        session.open_trace({**trace, "bookmarks": bookmarks})
    assert session.runs == (run,)


def test_a_session_of_digits_is_not_for_this_page():
    trace = gandyn.Run(gandyn.preset("mnist-mlp", batch_size=8)).trace()
    with pytest.raises(ValueError, match="not about points in the plane"):
        opened().open_trace(trace)


def test_a_moment_is_a_text_and_back():
    session = with_branches()
    trace = trace_of(session)
    text = moment.encode(trace)
    assert moment.decode(text) == json.loads(json.dumps(trace)) and len(text) < 2500
    assert set(text) <= set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.")
    page = opened()
    page.open_trace(moment.decode(_short(trace)))
    assert settled(page) == [40] and same(page.runs[0].state, session.runs[0].state)


@pytest.mark.parametrize("text", ["", "1.", "1.AAAA", "1.%%%", "2.AAAA", "nothing"])
def test_a_damaged_moment_is_one_line(text):
    with pytest.raises(ValueError, match="moment in this link") as error:
        moment.decode(text)
    assert "\n" not in str(error.value)


def test_a_moment_that_unpacks_to_too_much_is_refused():
    bomb = moment.encode({"a": "0" * (2 * moment.LARGEST)})
    assert len(bomb) < 40_000
    with pytest.raises(ValueError, match="damaged"):
        moment.decode(bomb)


def test_a_moment_too_long_for_a_link_goes_without_its_branches_or_not_at_all(monkeypatch):
    trace = trace_of(with_branches())
    whole = len(moment.encode(trace))
    monkeypatch.setattr(moment, "MOST", whole - 1)
    assert "lines" not in moment.decode(_short(trace))
    assert gandyn.replay(moment.decode(_short(trace))).state.step == 40
    monkeypatch.setattr(moment, "MOST", 100)
    assert _short(trace) is None


def test_a_page_goes_on_with_what_another_showed():
    before, after = with_branches(), opened()
    before.compare({"unroll": 2}, here=True)
    runs = before.runs
    after.go_on_with(before.broadcast)
    assert after.runs == runs and after.playing == before.playing


def test_a_page_that_has_just_gone_is_found_once_and_not_for_ever(monkeypatch):
    broadcasts = [opened().broadcast for _ in range(on_air.MOST + 2)]
    for one in broadcasts:
        on_air.join(one)
        assert on_air.find(one.id) is one
        on_air.leave(one)
        assert one.id not in on_air.ON_AIR
    assert [on_air.find(one.id) for one in broadcasts[:2]] == [None, None], "there are too many"
    assert on_air.find(broadcasts[2].id) is broadcasts[2]
    assert on_air.find(broadcasts[2].id) is None
    now = time.monotonic()
    monkeypatch.setattr(on_air.time, "monotonic", lambda: now + on_air.KEPT)
    assert on_air.find(broadcasts[-1].id) is None and not on_air._left


def test_the_past_of_all_pages_has_the_room_of_the_server(monkeypatch):
    monkeypatch.setattr(on_air, "limits", lambda: Limits(max_past=3 * BUDGET // MEGABYTE))
    broadcasts = [opened().broadcast for _ in range(6)]

    def rooms() -> list[int]:
        for one in on_air.ON_AIR.values():
            one.serve()
        return [one.run.timeline.kept.budget for one in on_air.ON_AIR.values()]

    for one in broadcasts:
        on_air.join(one)
    assert rooms() == 6 * [BUDGET // 2]
    for one in broadcasts[3:]:
        on_air.leave(one)
    assert rooms() == 3 * [BUDGET]
    for one in broadcasts[:3]:
        on_air.leave(one)


SMALL = "batch_size=32&generator.widths=16&critic.widths=16&steps_per_second=0&seed=3"
X = "Array.from(Bokeh.documents[0].get_model_by_name('generated').data.x)"


def pause(lab) -> None:
    if lab.js("window.gandyn.playing"):
        lab.page.keyboard.press("Space")
    lab.wait("!window.gandyn.playing")
    lab.page.wait_for_timeout(300)


def there(lab) -> None:
    """Wait until the step that is looked for is shown: on a slow machine steps on the way to it are shown before."""
    lab.page.locator(".status", has_text="on to ").wait_for(state="detached", timeout=20_000)


@pytest.mark.browser
def test_a_drag_a_branch_a_reload_a_file_and_a_link_show_the_same_bits(open_lab, tmp_path):
    lab = open_lab(f"?{SMALL}")
    lab.wait("window.gandyn.step > 300", 60)
    lab.set("unroll", 1)
    lab.wait("window.gandyn.step > 500 && window.gandyn.controls.unroll === 1", 60)
    pause(lab)
    track = lab.page.locator(".track")
    place, tip = track.bounding_box(), lab.js("window.gandyn.step")
    whole = int(track.get_attribute("aria-valuemax"))
    assert whole == tip
    for share in random.Random(1).sample(range(5, 95), 5):
        lab.page.mouse.click(place["x"] + place["width"] * share / 100, place["y"] + place["height"] / 2)
        lab.wait(f"Math.abs(window.gandyn.step - {share / 100 * whole}) < {0.02 * whole}")
        there(lab)
        lab.page.wait_for_timeout(200)
        step, x = lab.js("window.gandyn.step"), lab.js(X)
        lab.page.keyboard.press("ArrowRight")
        lab.wait(f"window.gandyn.step === {step} + 1")
        lab.page.keyboard.press("ArrowLeft")
        lab.wait(f"window.gandyn.step === {step}")
        lab.page.wait_for_timeout(100)
        assert lab.js(X) == x
    lab.set("lr_d", 2e-3)
    lab.page.keyboard.press("ArrowRight")
    lab.wait(f"window.gandyn.step === {step} + 1")
    assert lab.page.locator(".ticks .fork").count() == 1, "another branch"
    with lab.page.expect_download() as saved:
        lab.page.keyboard.press("s")
    file = tmp_path / "session.json"
    file.write_text(Path(saved.value.path()).read_text())
    trace = json.loads(file.read_text())
    run = gandyn.replay(trace)
    assert digest(run.state) == trace["sha256"]
    x = lab.js(X)
    lab.context.grant_permissions(["clipboard-read", "clipboard-write"])
    lab.page.locator("[data-do=link]").click()
    lab.page.get_by_text("link to this moment copied").wait_for()
    link = lab.js("navigator.clipboard.readText()")
    assert "#moment=1." in link
    lab.page.reload()
    lab.wait(f"window.gandyn?.step === {step} + 1", 60)
    assert lab.js(X) == x
    other = open_lab(link[link.index("?") :])
    other.wait(f"window.gandyn.step === {step} + 1", 60)
    assert other.js(X) == x
    third = open_lab(f"?play=0&{SMALL}")
    third.open_file(file)
    third.wait(f"window.gandyn.step === {step} + 1", 60)
    assert third.js(X) == x and third.page.locator(".ticks .fork").count() == 1
    assert np.isfinite(x).all()
    assert lab.problems == other.problems == third.problems == []


@pytest.mark.browser
def test_one_who_comes_back_goes_on_also_where_closed_pages_are_freed_at_once(open_lab, own_server):
    lab = open_lab(f"?{SMALL}", url=own_server.url)
    lab.wait("window.gandyn.step > 200", 60)
    pause(lab)
    step, x = lab.js("window.gandyn.step"), lab.js(X)
    lab.page.goto("about:blank")
    until(lambda: own_server.stats()["runs"] == {}, 30, "the page is freed")
    lab.page.go_back()
    lab.wait(f"window.gandyn?.step === {step}", 60)
    assert lab.js(X) == x and lab.problems == []


def far_back(step: int):
    """A session that has begun to look for a step of its past, and is not there yet."""
    session = opened()
    session.runs[0].timeline.kept.budget = 0
    session.runs[0].advance(60)
    session.look(step)
    return session


def served(session):
    while session.broadcast.seeking is not None or session.broadcast._commands:
        session.broadcast.serve()
    return session.runs[0]


@pytest.mark.parametrize("slices", [0, 1])
def test_what_is_done_on_the_way_to_a_step_is_done_there(slices):
    session = far_back(40)
    for _ in range(slices):
        session.broadcast.serve()
    session.change(unroll=3)
    run = served(session)
    assert run.state.step == 40 and run.experiment.rule.unroll == 3 and run.timeline.line.tip.rule.unroll == 0
    session = far_back(40)
    session.command("step")
    assert served(session).state.step == 41 and session.runs[0].timeline.line.stop == 60
    session = far_back(40)
    session.command("play")
    assert served(session).state.step == 40 and session.playing


def test_a_change_on_the_way_is_checked_against_the_step_that_is_looked_for():
    session = opened()
    go(session, 20)
    session.change(target="gaussians")
    go(session, 20)
    session.look(10)
    session.change(**{"target.radius": 1.5})  # the ring of step 10 has one
    assert served(session).experiment.values()["target.radius"] == 1.5


def test_undo_after_a_look_stands_where_the_change_before_that_step_was_made():
    session = opened()
    go(session, 10)
    session.change(unroll=2)
    go(session, 30)
    session.look(20)
    session.command("undo")
    assert served(session).state.step == 10 and session.runs[0].experiment.rule.unroll == 0


def test_what_is_copied_waits_for_the_step_that_is_looked_for():
    session = far_back(40)
    for copy in (session.pin, lambda: session.compare({"unroll": 1}, here=True)):
        with pytest.raises(ValueError, match="step 40 is being computed"):
            copy()
    served(session)
    session.compare({"unroll": 1}, here=True)
    assert settled(session) == [40, 40]
