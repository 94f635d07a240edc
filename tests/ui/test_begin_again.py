"""What begins a run anew loses nothing: undo, and the branches of the bar of time, lead back to it."""

import pytest

from gandyn.core.bounds import MEGABYTE
from gandyn.timeline.kept import BUDGET
from gandyn.ui.session import put_aside
from tests.live.test_run import same
from tests.ui.test_comparison import go, settled
from tests.ui.test_save import opened


@pytest.fixture(autouse=True)
def at_once(monkeypatch):
    """What was there for an instant alone is kept, too."""
    monkeypatch.setattr(put_aside, "BRIEF", 0.0)


def do(session, command: str) -> None:
    session.command(command)
    session.broadcast.serve()


def plain():
    """A session whose networks are those of its preset."""
    session = opened()
    session.load("rotation")
    go(session, 1)
    return session


def test_the_preset_that_is_chosen_begins_again_under_its_own_settings_on_a_branch():
    session = plain()
    go(session, 9)
    session.change(lr_g=2e-3, steps_per_second=7)
    go(session, 5)
    (run,) = session.runs
    before = run.state
    do(session, "again")
    assert session.runs == (run,) and (run.state.step, run.timeline.lines[0].stop) == (0, 15)
    assert run.experiment.values() == run.timeline.lines[0].first.values() and session.speed != 7
    go(session, 3)
    do(session, "undo")
    assert same(run.state, before) and run.experiment.knobs.lr_g == 2e-3
    do(session, "redo")
    assert run.state.step == 3 and run.experiment.knobs.lr_g != 2e-3
    session.look(15, 0)
    assert settled(session) == [15] and same(run.state, before)


def test_a_preset_of_other_networks_begins_as_another_run():
    session = opened()
    go(session, 4)
    (before,) = session.runs
    do(session, "again")
    (run,) = session.runs
    assert run is not before and run.state.step == 0
    do(session, "undo")
    assert session.runs == (before,) and before.state.step == 4


@pytest.mark.parametrize(
    "anew",
    [
        lambda session: session.change(seed=3),
        lambda session: session.change(**{"critic.widths": "4"}),
        lambda session: session.command("new-seed"),
        lambda session: session.multiply(4),
        lambda session: session.load("dirac"),
    ],
    ids=["seed", "widths", "new-seed", "lanes", "preset"],
)
def test_undo_brings_back_the_run_before_and_redo_the_new_one(anew):
    session = opened()
    go(session, 12)
    session.bookmark(7)
    session.change(steps_per_second=11)
    (before,), state = session.runs, session.runs[0].state
    anew(session)
    (after,) = session.runs
    assert after is not before and after.state.step == 0 and session.bookmarks == []
    do(session, "undo")
    assert session.runs == (before,) and before.state is state
    assert (session.speed, session.bookmarks) == (11, [{"line": 0, "step": 7}])
    do(session, "undo")
    assert session.runs == (before,), "there is nothing before"
    do(session, "redo")
    assert session.runs == (after,)


def test_changes_are_undone_in_their_order():
    session = opened()
    go(session, 5)
    session.change(unroll=1)
    go(session, 5)
    session.change(seed=3)
    go(session, 5)
    session.change(unroll=2)
    go(session, 5)
    seen = []
    for _ in range(3):
        do(session, "undo")
        now = session.experiment
        seen.append((now.seed, now.rule.unroll, settled(session)[0]))
    assert seen == [(3, 1, 5), (0, 1, 10), (0, 0, 5)]
    for _ in range(3):
        do(session, "redo")
    assert (session.experiment.seed, session.experiment.rule.unroll, settled(session)) == (3, 2, [10])


def test_a_reset_of_all_runs_is_undone_for_all():
    session = opened()
    session.compare({"unroll": 2})
    settled(session)
    go(session, 8)
    do(session, "reset")
    go(session, 3)
    do(session, "undo")
    assert settled(session) == [8, 8]
    do(session, "redo")
    assert settled(session) == [3, 3]


def test_a_run_that_was_taken_out_of_a_comparison_comes_back():
    session = opened()
    session.compare({"unroll": 2})
    settled(session)
    go(session, 3)
    runs = session.runs
    session.dismiss(1)
    do(session, "undo")
    assert session.runs == runs and settled(session) == [3, 3]


def test_what_never_moved_or_was_passed_over_is_not_kept(monkeypatch):
    session = opened()
    first = session.runs
    session.change(seed=1)
    go(session, 3)
    monkeypatch.setattr(put_aside, "BRIEF", 60.0)
    session.change(seed=2)
    do(session, "undo")
    assert session.experiment.seed == 2 and session.runs != first


def test_what_is_put_aside_takes_a_share_of_the_room_and_not_for_ever():
    session = opened()
    for seed in range(put_aside.MOST + 3):
        session.change(seed=seed + 1)
        go(session, 3)
    kept = [run.timeline.kept.budget for run in (*session.broadcast.aside, *session.runs)]
    assert len(session.broadcast.aside) == put_aside.MOST
    assert sum(kept) <= BUDGET and kept[-1] >= 0.8 * BUDGET > MEGABYTE
