"""The menus of the top bar in a class: the server keeps to it that a teacher has locked or hidden them."""

import pytest

import gandyn
from gandyn.core.lanes import by_lane
from gandyn.ui.classroom.bar import TeacherBar
from gandyn.ui.classroom.pages import heeded
from gandyn.ui.session import put_aside
from gandyn.ui.session.choices import listed_presets
from gandyn.ui.session.session import Session
from gandyn.ui.share import link
from gandyn.ui.share.saved import opened, saved
from gandyn.ui.time.transport import Transport
from tests.live.test_stepper import until
from tests.ui.test_classroom import go, joined, room  # noqa: F401  a fixture
from tests.ui.test_save import SMALL, one_thread  # noqa: F401  torch's threads are put back

OTHER = {"preset": "dirac", "lanes": 4, "steps_per_second": 7.0}


@pytest.fixture
def at_once(monkeypatch):
    monkeypatch.setattr(put_aside, "BRIEF", 0.0)


def menus(own: Session) -> tuple:
    return own.runs, own.experiment.name, own.lanes, own.speed


@pytest.mark.parametrize("rule", ["locked", "hidden"])
@pytest.mark.parametrize("menu", OTHER)
def test_a_menu_that_is_fixed_is_refused_by_its_model_and_says_why(room, rule, menu):  # noqa: F811
    _, own, _ = joined(room)
    bar = Transport(own, room.rules)
    own.watch(bar.refresh)
    before, was = menus(own), bar.values[menu].value
    TeacherBar(room)._handle_msg({"type": "fix", "rule": rule, "control": menu, "on": True})
    assert bar.values[menu].locked == f"{rule} by the teacher" and bar.hidden == ([menu] if rule == "hidden" else [])
    bar.values[menu].value = OTHER[menu]
    assert f"is {rule} by the teacher" in bar.notice["text"] and "\n" not in bar.notice["text"]
    assert menus(own) == before and bar.values[menu].value == was
    room.fix(rule, menu, False)
    assert not bar.values[menu].locked and bar.hidden == []
    bar.values[menu].value = OTHER[menu]
    assert menus(own) != before and bar.values[menu].value == OTHER[menu]


def other(menu: str) -> Session:
    """A session with another preset, or more GANs, and the same values of all controls."""
    experiment = gandyn.preset("collapse", **SMALL)
    return Session(experiment, playing=False, lanes=4) if menu == "lanes" else Session(experiment.replace(name="x"))


@pytest.mark.parametrize("menu", ["preset", "lanes"])
def test_a_menu_that_is_fixed_is_refused_on_every_other_way(room, menu):  # noqa: F811
    _, own, _ = joined(room)
    beyond = other(menu)
    go(beyond, 1)
    trace = saved(beyond.runs, 0, [])
    room.fix("locked", menu, True)
    before = menus(own)
    for way in (lambda: own.go_on_with(beyond.broadcast), lambda: own.go_on_at(opened(trace))):
        with pytest.raises(ValueError, match=r"(the preset|the number of GANs) is locked by the teacher"):
            way()
        assert menus(own) == before
    own.command("again")
    own.command("new-seed")
    assert (own.experiment.name, own.lanes) == before[1:3]


@pytest.mark.parametrize("menu", ["preset", "lanes"])
def test_undo_brings_back_no_run_with_another_value_of_a_menu_that_is_fixed_now(room, at_once, menu):  # noqa: F811
    _, own, _ = joined(room)
    if menu == "preset":
        own.load("dirac")
    else:
        own.multiply(4)
    until(lambda: own.broadcast.serve() is not None and not own.broadcast._commands)
    room.fix("locked", menu, True)
    before = menus(own)
    with pytest.raises(ValueError, match=r"(the preset|the number of GANs) is locked by the teacher"):
        own.command("undo")
    assert menus(own) == before
    room.fix("locked", menu, False)
    own.command("undo")
    assert menus(own)[1:3] == ("collapse", 1)


def test_a_pinned_run_of_another_preset_is_refused_where_the_preset_is_locked_now(room):  # noqa: F811
    _, own, _ = joined(room)
    own.pin()
    own.load("dirac")
    room.fix("locked", "preset", True)
    with pytest.raises(ValueError, match="the preset is locked"):
        own.compare_with_pinned()
    assert len(own.runs) == 1


def test_a_locked_knob_of_which_many_gans_have_values_of_their_own_is_one_line(room):  # noqa: F811
    _, own, _ = joined(room)
    beyond = Session(gandyn.preset("collapse", **SMALL), playing=False, lanes=4)
    beyond.change(**by_lane({"lr_d": [0.1, 0.2, 0.3, 0.4]}))
    room.fix("locked", "lr_d", True)
    with pytest.raises(ValueError, match="lr_d is locked by the teacher"):
        own.go_on_with(beyond.broadcast)


@pytest.mark.parametrize("menu", ["preset", "lanes"])
def test_the_dialog_lists_the_menus_and_offers_no_third_box_for_them(room, menu):  # noqa: F811
    bar = TeacherBar(room)
    (row,) = [one for one in bar.fixable if one["name"] == menu]
    assert row["follows"] is False and all(one["follows"] for one in bar.fixable if one["name"] == "lr_d")
    bar._handle_msg({"type": "fix", "rule": "preset", "control": menu, "on": True})
    assert "can be locked or hidden" in bar.said and not room.rules.preset


def test_the_class_itself_is_bound_by_none_of_it(room):  # noqa: F811
    for menu in OTHER:
        room.fix("locked", menu, True)
    room.session.load("dirac")
    room.session.multiply(4)
    assert room.session.experiment.name == "dirac" and room.session.lanes == 4


def test_a_members_link_chooses_views_and_nothing_else():
    query = {"views": [b"weights,spectrum"], "lr_d": [b"0.5"], "preset": [b"dirac"], "play": [b"0"]}
    asked = link.read(heeded(query, teacher=False), listed_presets())
    assert asked.views.names == ("weights", "spectrum") and asked.notice is None and asked.playing
    assert asked.experiment == link.read({}, listed_presets()).experiment
    assert link.read(heeded({"view": [b"weights"]}, teacher=False), listed_presets()).views.alone
    assert link.read(heeded(query, teacher=True), listed_presets()).experiment.name == "dirac"
