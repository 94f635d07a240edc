"""The class as a sweep: what is refused changes nothing, and undo leaves to everybody what they gave their GAN."""

from types import SimpleNamespace

import pytest

from gandyn.core.cost import step_cost
from gandyn.ui.classroom.bar import TeacherBar
from gandyn.ui.classroom.sweep import spread
from gandyn.ui.server.limits import limits
from gandyn.ui.session import choices, put_aside
from tests.ui.test_classroom import go, joined, now, room, state  # noqa: F401  a fixture
from tests.ui.test_save import one_thread  # noqa: F401  torch's threads are put back


def under(monkeypatch, **fields):
    monkeypatch.setattr(choices, "limits", lambda: SimpleNamespace(**(vars(limits()) | fields)))


@pytest.mark.parametrize("limit", ["max_lanes", "max_operations", "max_step_memory"])
@pytest.mark.parametrize("before", [False, True], ids=["run", "sweep"])
def test_a_sweep_beyond_a_limit_is_refused_in_a_line_and_changes_nothing(room, monkeypatch, limit, before):  # noqa: F811
    members = [joined(room)[0], room.join(None, now, print)]
    if before:
        room.sweep("lr_g", 1e-4, 1e-1)
        room.hold(members[1], 0.05)
    for _ in range(3):
        members.append(room.join(None, now, print))
    cost = step_cost(room.session.experiment, 4)
    bounds = {"max_lanes": 4, "max_operations": cost.operations / 1e6, "max_step_memory": cost.megabytes}
    under(monkeypatch, **{limit: bounds[limit]})
    was, values, own = state(room.session), room.values(), members[0].own
    of_own = state(own)
    bar = TeacherBar(room)
    bar._handle_msg({"type": "sweep", "control": "lr_d", "low": 1e-4, "high": 1e-1})
    assert "on this server" in bar.said or "this server allows" in bar.said
    assert "\n" not in bar.said
    assert state(room.session) == was and state(own) == of_own and room.values() == values
    assert room.swept == ("lr_g" if before else None)


def test_a_sweep_begins_again_with_more_gans_when_more_people_are_there(room):  # noqa: F811
    room.join(None, now, print)
    room.sweep("lr_d", 1e-4, 1e-1)
    for _ in range(5):
        room.join(None, now, print)
    room.sweep("lr_g", 1e-4, 1e-1)
    assert room.session.lanes == 9 and room.values() == spread(1e-4, 1e-1, 9)
    assert room.session.experiment.knobs.lr_d == pytest.approx(1e-4), "what was swept before is alike for all"


def test_round_values_stay_between_the_ends(room):  # noqa: F811
    room.sweep("beta1", 0.99996, 0.99999)
    assert room.values() == sorted(room.values()) and set(room.values()) <= {0.99996, 0.99997, 0.99998, 0.99999}
    assert all(0.99999 >= value >= 0.99996 for value in spread(0.99999, 0.99996, 9))


@pytest.fixture
def swept(room, monkeypatch):  # noqa: F811
    """A class of two in a sweep of four GANs."""
    monkeypatch.setattr(put_aside, "BRIEF", 0.0)
    members = [room.join(None, now, print) for _ in range(2)]
    room.sweep("lr_d", 1e-4, 1e-1)
    go(room.session, 2)
    return room, members


def test_undo_of_the_teacher_leaves_the_values_that_people_gave_their_gans(swept):
    lesson, (one, two) = swept
    given = [0.03, 0.05, *lesson.values()[2:]]
    lesson.session.change(lr_g=0.25)
    go(lesson.session, 2)
    lesson.hold(one, 0.03)
    go(lesson.session, 2)
    lesson.hold(two, 0.05)
    go(lesson.session, 1)
    for way, lr_g in (("undo", 1e-3), ("redo", 0.25)):
        lesson.session.command(way)
        go(lesson.session, 1)
        assert lesson.session.experiment.knobs.lr_g == pytest.approx(lr_g) and lesson.values() == pytest.approx(given)


def test_undo_of_the_teachers_own_change_of_that_knob_brings_back_what_people_had(swept):
    lesson, (one, _) = swept
    lesson.hold(one, 0.03)
    go(lesson.session, 1)
    before = lesson.values()
    lesson.session.change(lr_d=0.5)
    go(lesson.session, 1)
    assert lesson.values() == [0.5] * 4
    lesson.session.command("undo")
    go(lesson.session, 0)
    assert lesson.values() == pytest.approx(before)


def test_undo_beyond_its_beginning_ends_the_sweep_and_says_so_and_redo_brings_it_back(swept):
    lesson, (one, _) = swept
    bar = TeacherBar(lesson)
    bar.open(now)
    lesson.hold(one, 0.03)
    values = lesson.values()
    lesson.session.command("undo")
    assert lesson.session.lanes == 1 and lesson.swept is None and lesson.values() == []
    assert bar.swept == "" and "The sweep has ended" in bar.said
    lesson.session.command("redo")
    assert lesson.swept == "lr_d" and lesson.values() == pytest.approx(values) and bar.swept
    bar.close()


def test_the_end_of_a_sweep_that_cannot_be_had_now_leaves_it(swept, monkeypatch):
    lesson, _ = swept
    monkeypatch.setattr(type(lesson.session), "_check_there", _not_there)
    bar = TeacherBar(lesson)
    bar._handle_msg({"type": "sweep", "control": "", "low": 0, "high": 0})
    assert bar.said == "not there yet" and lesson.swept == "lr_d" and lesson.session.lanes == 4


def _not_there(self) -> None:
    raise ValueError("not there yet")
