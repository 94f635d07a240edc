"""A class: the teacher's run is changed by the teacher alone, and own runs keep to what the teacher has fixed."""

from typing import Any

import pytest

import gandyn
from gandyn.ui.classroom import messages
from gandyn.ui.classroom.bar import TeacherBar
from gandyn.ui.classroom.member import Member
from gandyn.ui.classroom.of_lane import OfLane
from gandyn.ui.classroom.own import OwnRun
from gandyn.ui.classroom.room import Classroom
from gandyn.ui.classroom.shared import REFUSED, Steering, Watching
from gandyn.ui.classroom.sweep import spread
from gandyn.ui.compare.many import Many
from gandyn.ui.compare.stages import Stages
from gandyn.ui.controls.controls import Controls
from gandyn.ui.controls.own_data import OwnData
from gandyn.ui.server import upload
from gandyn.ui.server.on_air import ON_AIR, find
from gandyn.ui.session.session import Session
from gandyn.ui.time.timebar import TimeBar
from gandyn.ui.time.transport import Transport
from tests.live.test_stepper import until
from tests.ui.test_save import SMALL, one_thread  # noqa: F401  torch's threads are put back

EVERY = [
    *({"type": "command", "name": name} for name in ("play", "step", "critic", "reset", "new-seed", "again", "undo",
      "back", "bookmark", "pin", "pinned", "rewind")),
    {"type": "look", "step": 0}, {"type": "bookmark", "step": 0, "line": 0}, {"type": "steer", "run": None},
    {"type": "dismiss", "run": 0}, {"type": "compare", "controls": {"unroll": 5}, "here": False},
    {"type": "compare-control", "control": "lr_d"}, {"type": "change-target", "controls": {"target.radius": 1.0}},
    {"type": "resume", "run": "RUN", "moment": "", "step": 0, "playing": True},
    {"type": "open-file", "text": "{}", "part": 0, "of": 1}, {"type": "open-moment", "moment": "x"},
    {"type": "export", "kind": "csv"}, {"type": "keep"},
]  # fmt: skip


def go(session: Session, steps: int):
    for _ in range(steps):
        session.command("step")
    until(lambda: session.broadcast.serve() is not None and not session.broadcast._commands)


WATCH = "an id to watch by"


def now(act) -> None:
    act()


@pytest.fixture
def room():
    """A class whose run has made three steps."""
    classroom = Classroom()
    session = classroom.run_of(gandyn.preset("collapse", **SMALL), playing=False, teacher=True)
    go(session, 3)
    return classroom


def joined(room: Classroom) -> tuple[Member, OwnRun, list[str]]:
    said: list[str] = []
    own = OwnRun(room.rules, room.session.broadcast)
    return room.join(own, now, said.append), own, said


def state(session: Session) -> tuple[Any, ...]:
    broadcast = session.broadcast
    return (
        session.runs, session.experiment, session.lanes, session.lane, session.speed, session.playing, session.steered,
        session.bookmarks, session.pinned, broadcast.run.state.step, broadcast.seeking, len(broadcast._commands),
    )  # fmt: skip


@pytest.mark.parametrize("part", [Transport, TimeBar, Stages, Controls, OwnData, Many])
@pytest.mark.parametrize("known", ["watch", "run"])
def test_no_message_of_a_page_that_looks_on_changes_the_class(room, part, known):
    component = part(Watching(room.session, WATCH))
    before = state(room.session)
    for message in EVERY:
        run = WATCH if known == "watch" else room.session.run_id
        component._handle_msg(message | ({"run": run} if message.get("run") == "RUN" else {}))
    for values in (getattr(component, "values", {}), {"lane": getattr(component, "value", None)}):
        for name, model in values.items():
            if model is not None:
                model.value = {"preset": "dirac", "lanes": 4, "steps_per_second": 7.0, "lane": 1}.get(name, 0.5)
    assert state(room.session) == before


def test_whoever_looks_on_reads_the_run_and_every_other_method_is_refused(room):
    watching = Watching(room.session, WATCH)
    assert watching.runs == room.session.runs and watching.run_id != room.session.run_id
    assert not watching.playing and watching.watching and not Steering(room.session).watching
    for name in (
        "change",
        "load",
        "command",
        "look",
        "multiply",
        "choose",
        "compare",
        "go_on_with",
        "go_on_at",
        "steer",
    ):
        with pytest.raises(ValueError, match="the teacher steers"):
            getattr(watching, name)(1)
    with pytest.raises(AttributeError):
        watching.nothing  # noqa: B018


def test_the_id_of_who_looks_on_reaches_no_file_and_no_other_page(room):
    OwnData(Watching(room.session, WATCH))
    assert find(WATCH) is None and WATCH not in ON_AIR
    assert upload.RECEIVERS.get(room.session.run_id) is None


def test_who_goes_on_with_the_class_gets_a_copy_also_where_nobody_looks(room):
    other = Session(gandyn.preset("collapse", **SMALL), playing=False)
    other.go_on_with(room.session.broadcast)
    assert other.runs[0] is not room.session.runs[0] and other.runs[0].state.step == 3
    go(other, 2)
    assert room.session.runs[0].state.step == 3


def test_an_own_run_begins_where_the_class_is_and_goes_its_own_way(room):
    _, own, _ = joined(room)
    assert own.runs[0].state.step == 3 and own.experiment.values() == room.session.experiment.values()
    own.change(lr_d=1e-3)
    go(own, 2)
    assert own.runs[0].state.step == 5 and room.session.runs[0].state.step == 3
    assert room.session.experiment.knobs.lr_d != 1e-3


@pytest.mark.parametrize("rule", ["locked", "hidden", "preset"])
def test_what_is_fixed_is_refused_by_the_server_in_every_way(room, rule):
    _, own, _ = joined(room)
    room.fix(rule, "lr_d", True)
    before = own.experiment
    ways = [
        lambda: own.change(lr_d=0.5), lambda: own.compare({"lr_d": 0.5}), lambda: own.load("wgan-gp-toy"),
        lambda: own.go_on_with(other.broadcast),
    ]  # fmt: skip
    other = Session(gandyn.preset("collapse", **SMALL, lr_d=0.5), playing=False)
    for way in ways:
        with pytest.raises(ValueError, match=r"lr_d is (locked|hidden|the same)"):
            way()
    controls = Controls(own, room.rules)
    if rule == "hidden":
        assert "lr_d" not in controls.values
    else:
        controls.values["lr_d"].value = 0.5
        assert controls.values["lr_d"].error and controls.values["lr_d"].locked
        assert controls.values["lr_d"].value == before.knobs.lr_d
    assert own.experiment.values() == before.values() and len(own.runs) == 1
    own.change(lr_g=0.01)  # what is not fixed
    room.fix(rule, "lr_d", False)
    own.change(lr_d=0.5)


def test_undo_does_not_take_back_what_is_locked_now(room):
    _, own, _ = joined(room)
    own.change(lr_d=0.5)
    room.fix("locked", "lr_d", True)
    with pytest.raises(ValueError, match="lr_d is locked"):
        own.command("undo")
    assert own.experiment.knobs.lr_d == 0.5


def test_what_is_preset_follows_the_class(room):
    _, own, _ = joined(room)
    own.change(lr_d=0.5)
    room.fix("preset", "lr_d", True)
    assert own.experiment.knobs.lr_d == room.session.experiment.knobs.lr_d
    room.session.change(lr_d=0.25)
    assert own.experiment.knobs.lr_d == 0.25


def test_all_stop_at_a_step_and_are_released(room):
    _, behind, _ = joined(room)
    _, ahead, _ = joined(room)
    go(ahead, 7)
    room.stop(6)
    ahead.broadcast.serve()
    assert ahead.runs[0].state.step == 6
    behind.broadcast.viewers.add(Present())
    behind.command("play")
    for _ in range(20):
        behind.broadcast.serve()
    assert behind.runs[0].state.step == 6 and not behind.playing
    with pytest.raises(ValueError, match="stopped the class at step 6"):
        behind.command("step")
    late = joined(room)[1]
    assert late.broadcast.until == 6
    room.stop(None)
    go(behind, 1)
    assert behind.runs[0].state.step == 7 and room.session.runs[0].state.step == 3


class Present:
    def layers(self):
        return frozenset()

    def present(self):
        return True


def test_a_push_makes_every_own_run_a_branch_of_the_present_moment(room):
    (_, one, said), (_, two, _) = joined(room), joined(room)
    room.join(None, now, said.append)
    go(one, 4)
    two.change(lr_d=0.5)
    room.fix("locked", "lr_d", True)
    go(room.session, 2)
    assert room.push() == 2 and said
    assert [own.runs[0].state.step for own in (one, two)] == [5, 5]
    assert two.experiment.values() == room.session.experiment.values()
    assert one.runs[0] is not room.session.runs[0]


def test_members_have_the_smallest_free_number(room):
    first, second = joined(room)[0], joined(room)[0]
    room.leave(first)
    assert [joined(room)[0].number, second.number] == [1, 2]


def test_a_key_is_long_and_compared_whole():
    with pytest.raises(ValueError, match="--key needs 8"):
        Classroom("short")
    one = Classroom("correct horse")
    assert one.is_key("correct horse") and not one.is_key("correct") and not one.is_key("")
    assert one.is_teacher(one.pass_) and not one.is_teacher(None) and not one.is_teacher(one.key)


def test_a_sweep_gives_each_a_gan_and_a_value(room):
    (a, _, _), b = joined(room), room.join(None, now, print)
    room.sweep("lr_d", 1e-4, 1e-1)
    assert room.session.lanes == 4 and room.values() == pytest.approx([1e-4, 1e-3, 1e-2, 1e-1])
    b.name = "Ada"
    room.hold(b, 0.05)
    go(room.session, 2)
    assert room.values() == pytest.approx([1e-4, 0.05, 1e-2, 1e-1])
    assert room.labels() == ["1: 0.0001", "Ada: 0.05", "–: 0.01", "–: 0.1"] and a.number == 1
    with pytest.raises(ValueError, match="lr_d"):
        room.hold(b, float("nan"))
    room.end_sweep()
    assert room.session.lanes == 1 and room.values() == []


@pytest.mark.parametrize("control", ["unroll", "generator.widths", "nothing"])
def test_what_is_no_knob_is_no_sweep(room, control):
    with pytest.raises(ValueError, match="cannot differ between GANs that go in step: choose .*lr_g"):
        room.sweep(control, 0, 1)


def test_the_teacher_chooses_a_knob_by_its_title(room):
    bar = TeacherBar(room)
    assert {"name": "lr_d", "title": "critic's rate"} in bar.knobs and bar.swept == ""
    room.sweep("lr_d", 1e-4, 1e-1)
    bar.refresh()
    assert bar.swept == "critic's rate"


def test_a_range_goes_in_factors_where_it_is_wide():
    assert spread(1, 100, 3) == pytest.approx([1, 10, 100])
    assert spread(0, 1, 3) == [0, 0.5, 1] and spread(1, 2, 3) == [1, 1.5, 2]


def test_the_pages_of_a_class_take_only_their_messages():
    tags = {one.__struct_config__.tag for one in (messages.HoldKnob, messages.Name)}
    assert tags == {"hold-knob", "name"} and "branch" in REFUSED


def test_a_view_of_one_gan_moves_nothing_and_follows_the_class(room):
    room.sweep("lr_d", 1e-4, 1e-1)
    view = OfLane(room.session.broadcast, 2)
    view.viewers.add(Present())
    view.play(True)
    view.step_once()
    view.want_frame()
    view.serve()
    assert room.session.runs[0].state.step == 0 and view.frames.get()[1] is not None
    go(room.session, 2)
    view.want_frame()
    until(lambda: view.serve() is not None and view.frames.get()[0] == 2)
    assert view.run is room.session.broadcast.run and view.run.state.step == 2 and room.session.lane == 0
    (own,), (other,) = view.program.tracks, room.session.broadcast.program.tracks
    assert own.studies is not other.studies, "its views of choice are of its own GAN"
    room.session.adjust("bifurcation", {"knob": "beta1"})
    other.stopped = "Stopped."
    view.serve()
    assert view.program.tracks == (own,) and own.stopped == "Stopped." and view.chosen["bifurcation"]["knob"] == "beta1"


def test_an_own_run_begins_during_a_sweep_and_takes_its_pushes(room):
    joined(room)
    room.sweep("lr_d", 1e-4, 1e-1)
    own = OwnRun(room.rules, room.session.broadcast)
    assert own.lanes == 1 and own.experiment.knobs.lr_d == pytest.approx(1e-4)
    go(own, 2)
    own.take(room.session.broadcast)
    assert own.lanes == 1 and own.experiment.knobs.lr_d == pytest.approx(1e-4)


def test_a_preset_control_is_kept_at_a_step_before_it_was_preset(room):
    _, own, _ = joined(room)
    own.change(lr_d=0.009)
    go(own, 10)
    room.fix("preset", "lr_d", True)
    wanted = room.session.experiment.knobs.lr_d
    go(own, 2)
    own.look(6)
    own.change(lr_g=0.002)
    go(own, 3)
    assert own.experiment.knobs.lr_d == pytest.approx(wanted) and own.experiment.knobs.lr_g == 0.002


def test_a_pinned_run_of_before_is_refused_where_its_end_has_another_value(room):
    _, own, _ = joined(room)
    own.change(lr_d=0.009)
    go(own, 3)
    own.pin()
    room.fix("preset", "lr_d", True)
    with pytest.raises(ValueError, match="another lr_d than the teacher has set"):
        own.compare_with_pinned()
    assert len(own.runs) == 1
    room.fix("preset", "lr_d", False)
    own.compare_with_pinned()
    assert len(own.runs) == 2


def test_steps_that_wait_stop_where_the_teacher_has_stopped_the_class(room):
    _, own, _ = joined(room)
    start = own.broadcast.run.state.step
    room.stop(start + 2)
    for _ in range(6):
        own.command("step")
    go(own, 0)
    own.broadcast.serve()
    assert own.broadcast.run.state.step == start + 2


def test_an_own_run_that_begins_beyond_the_stop_goes_back_to_it(room):
    joined(room)
    go(room.session, 8)
    room.stop(5)
    own = OwnRun(room.rules, room.session.broadcast)
    until(lambda: own.broadcast.serve() is not None and own.broadcast.run.state.step == 5)
    assert own.broadcast.run.state.step == 5


@pytest.mark.parametrize("control", ["beta1", "ema"])
def test_a_sweep_reaches_both_ends_of_what_a_control_takes(room, control):
    joined(room)
    known = room.session.experiment.controls()[control]
    room.sweep(control, known.low, known.high)
    assert room.values()[0] == pytest.approx(known.low) and room.values()[-1] == pytest.approx(known.high)
