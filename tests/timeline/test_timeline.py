"""A timeline's past: any step of it again to the bit, forks that keep what was there, undo and redo, its file."""

import copy
import functools
import json
import math
import operator
import random
import threading

import pytest
import torch

import gandyn
from gandyn.records.trace import digest
from gandyn.timeline.kept import size
from gandyn.timeline.last_finite import Diverged
from gandyn.timeline.timeline import Timeline
from gandyn.timeline.trace import timeline_of, to_trace
from tests.live.test_run import small

LIVE = [
    {"unroll": 2}, {"lr_d": 2e-3}, {"objective": "hinge"}, {"penalty": "r1"}, {"target.radius": 1.5}, {"unroll": 0},
    {"batch_size": 9}, {"clip": 0.1}, {"target": "grid"}, {"freeze": "critic"}, {"freeze": "none"},
]  # fmt: skip


def begun(**options):
    return Timeline(small(), **options)


def walked(timeline, seed, steps=120):
    """Up to `steps` further steps in pieces of random length, with a random change before each; the states by step."""
    chance, states = random.Random(seed), {timeline.step: digest(timeline.state)}
    for _ in range(8):
        timeline.change(**chance.choice(LIVE))
        for _ in range(chance.randint(1, steps // 8)):
            timeline.advance(1)
            states[timeline.step] = digest(timeline.state)
    return states


@pytest.mark.parametrize("budget", [0, 10_000, 2**20])
@pytest.mark.parametrize("lanes", [None, 2])
def test_any_step_comes_again_to_the_bit(budget, lanes):
    """With 30 events on 3 branches, in any order, whatever is kept."""
    timeline, branches = begun(budget=budget, lanes=lanes), []
    for seed in range(3):
        branches.append((timeline, walked(timeline, seed)))
        lines = [(timeline.line, branches[-1][1])]
        timeline.seek(timeline.step // 2)
        timeline.change(lr_g=1e-3 * (seed + 2))
        branches[-1] = lines[0]
    chance = random.Random(1)
    assert len({line for line, _ in branches}) == 3
    for _ in range(20):
        line, states = chance.choice(branches)
        step = chance.choice(sorted(states))
        timeline.seek(step, line)
        assert timeline.step == step and digest(timeline.state) == states[step]


def test_its_numbers_are_those_of_a_loop_without_a_past():
    timeline = begun()
    states = gandyn.play(small())
    for _ in range(30):
        state, metrics = next(states)
        timeline.advance(1)
        assert digest(state) == digest(timeline.state)
        assert timeline.metrics == {name: float(value) for name, value in metrics._asdict().items()}
    timeline.seek(7)
    assert timeline.metrics["f"] == timeline.history()[1][6, 2]


def test_to_look_back_loses_nothing_and_going_on_follows():
    timeline = begun()
    walked(timeline, 3)
    end, last, line = timeline.step, digest(timeline.state), timeline.line
    events, history = timeline.events(), timeline.history()
    timeline.seek(4)
    assert len(timeline.history()[0]) == 4 and timeline.events() == [event for event in events if event["step"] < 4]
    timeline.advance(end - 4)
    assert timeline.line is line and len(timeline.lines) == 1 and digest(timeline.state) == last
    assert timeline.events() == events and all((a == b).all() for a, b in zip(history, timeline.history(), strict=True))


def test_what_is_done_at_an_earlier_step_branches_and_both_stay():
    timeline = begun()
    timeline.advance(20)
    first, old = timeline.line, digest(timeline.state)
    timeline.seek(10)
    timeline.change(unroll=3)
    assert timeline.experiment.rule.unroll == 3 and len(timeline.lines) == 1, "nothing is made of it yet"
    timeline.advance(10)
    assert timeline.line is not first and (timeline.line.parent, timeline.line.start) == (first, 10)
    assert timeline.events() == [{"step": 10, "controls": {"unroll": 3}}]
    whole = Timeline(small())
    whole.advance(10)
    whole.change(unroll=3)
    whole.advance(10)
    assert digest(whole.state) == digest(timeline.state)
    assert (timeline.history()[0] == range(1, 21)).all()
    timeline.seek(20, first)
    assert digest(timeline.state) == old and timeline.experiment.rule.unroll == 0 and timeline.events() == []


def test_a_change_taken_back_before_a_step_is_none():
    timeline = begun()
    timeline.advance(20)
    timeline.seek(10)
    timeline.change(unroll=3)
    timeline.change(unroll=0)
    timeline.advance(10)
    assert len(timeline.lines) == 1 and timeline.events() == []


def test_a_step_of_one_player_in_the_past_branches():
    timeline = begun()
    timeline.advance(5)
    timeline.advance(1, freeze="critic")
    timeline.advance(4)
    assert timeline.events() == [
        {"step": 5, "controls": {"freeze": "critic"}}, {"step": 6, "controls": {"freeze": "none"}},
    ]  # fmt: skip
    timeline.seek(5)
    timeline.advance(1, freeze="critic")
    assert len(timeline.lines) == 1, "it is what was done"
    timeline.seek(5)
    timeline.advance(1, freeze="generator")
    assert len(timeline.lines) == 2 and timeline.experiment.rule.freeze == "none"


def test_undo_goes_to_before_a_change_and_redo_comes_back():
    timeline = begun()
    timeline.advance(10)
    timeline.change(unroll=2)
    timeline.advance(10)
    timeline.change(lr_d=5e-3)
    assert timeline.undo() and timeline.step == 20 and timeline.experiment.knobs.lr_d != 5e-3
    assert timeline.undo() and (timeline.step, timeline.experiment.rule.unroll) == (10, 0)
    assert not timeline.undo()
    assert timeline.redo() and timeline.redo() and not timeline.redo()
    assert (timeline.step, timeline.experiment.rule.unroll, timeline.experiment.knobs.lr_d) == (20, 2, 5e-3)
    assert timeline.undo() and timeline.undo()
    timeline.advance(3)
    assert len(timeline.lines) == 2 and timeline.events() == [], "as if it had never been changed"
    plain = begun()
    plain.advance(13)
    assert digest(plain.state) == digest(timeline.state)


def test_a_reset_where_nothing_was_made_yet_leaves_no_empty_branch():
    timeline = begun()
    timeline.restart()
    assert len(timeline.lines) == 1
    timeline.advance(5)
    for _ in range(3):
        timeline.restart()
    assert len(timeline.lines) == 2 and timeline.step == 0


def test_a_change_that_came_while_steps_were_made_is_undone_from_where_it_acts():
    timeline = begun()
    walk = timeline.walker.walk

    def walk_and_change(*args):
        if timeline.step == 0:  # somebody moves a slider meanwhile
            timeline.change(lr_d=5e-3)
        return walk(*args)

    timeline.walker.walk = walk_and_change
    timeline.advance(30)
    acts = timeline.events()[0]["step"]
    assert 0 < acts < 30 and timeline.experiment.knobs.lr_d == 5e-3
    assert timeline.undo() and timeline.step == acts
    timeline.advance(20)
    assert timeline.experiment.knobs.lr_d != 5e-3 and len(timeline.lines) == 2 and timeline.events() == []


def test_a_drag_is_undone_as_one():
    timeline = begun()
    for i in range(20):
        timeline.change(lr_d=1e-3 + i * 1e-5)
        timeline.advance(1)
    assert timeline.undo() and timeline.step == 0 and timeline.experiment.values() == small().values()
    assert timeline.redo() and timeline.step == 20


def test_states_are_kept_within_the_budget_and_dense_near_now():
    timeline = begun()
    timeline.advance(1)
    one = size(timeline.moment)
    timeline.kept.budget = 40 * one
    for _ in range(2999):
        timeline.advance(1)
    steps = [moment.state.step for moment in timeline.line.kept]
    assert 30 <= len(steps) <= 40 and timeline.kept.used == len(steps) * one
    assert steps[-1] == 3000 and steps[-2] >= 2990 and steps[0] < 1000
    ages = [3001 - step for step in steps]
    assert max(a / b for a, b in zip(ages, ages[1:], strict=False)) < 4, "any step is at most a constant share away"


def test_states_of_two_numbers_take_what_is_said_of_them():
    timeline = Timeline(gandyn.preset("dirac"))
    for _ in range(100):
        timeline.advance(1)
    assert 6000 < timeline.kept.used / timeline.kept.count() < 9000, "30,000 of them were measured to take 7,800 each"


def test_a_budget_for_none_keeps_none_and_one_too_small_one():
    timeline = begun(budget=0)
    timeline.advance(50)
    assert timeline.kept.count() == 0
    timeline = begun(budget=1)
    timeline.advance(50)
    assert timeline.kept.count() == 1
    timeline.seek(10)
    assert timeline.step == 10


@pytest.mark.parametrize("step", [-1, 31, 10.5, "x"])
def test_a_step_that_was_not_made_is_refused(step):
    timeline = begun()
    timeline.advance(30)
    with pytest.raises(ValueError, match=r"^step must be a whole number in \[0, 30\], not "):
        timeline.seek(step)
    assert timeline.step == 30


def test_no_change_is_lost_between_two_threads():
    """What is wanted last is what the next step is made under, and every step was made under something wanted."""
    timeline, wanted, done = begun(), [1e-3 + i * 1e-6 for i in range(1, 400)], threading.Event()

    def steer():
        for value in wanted:
            timeline.change(lr_d=value)
        done.set()

    thread = threading.Thread(target=steer)
    thread.start()
    while not done.is_set():
        timeline.advance(1)
    thread.join()
    timeline.advance(1)
    assert timeline.experiment.knobs.lr_d == wanted[-1] == timeline.line.before(timeline.step).knobs.lr_d
    used = [event["controls"]["lr_d"] for event in timeline.events()]
    assert used == sorted(used) and set(used) <= set(wanted) and len(timeline.lines) == 1
    again = timeline_of(json.loads(json.dumps(to_trace(timeline))))
    again.seek(timeline.step)
    assert digest(again.state) == digest(timeline.state)


def test_a_change_while_the_end_of_a_line_is_followed_is_not_lost(monkeypatch):
    """It comes during the very step that leads to the end: it is wanted there, and so is the next one."""
    timeline = begun()
    timeline.advance(10)
    timeline.seek(9)
    walk = timeline.walker.walk

    def steered(*arguments):
        timeline.change(lr_d=2e-3)
        return walk(*arguments)

    with monkeypatch.context() as patch:
        patch.setattr(timeline.walker, "walk", steered)
        timeline.advance(1)
    assert timeline.experiment.knobs.lr_d == 2e-3 and len(timeline.lines) == 1
    timeline.change(lr_d=3e-3)
    assert timeline.experiment.knobs.lr_d == 3e-3
    timeline.advance(1)
    assert timeline.events() == [{"step": 10, "controls": {"lr_d": 3e-3}}]


def test_a_state_that_is_not_finite_is_no_part_of_it():
    timeline = Timeline(small(lr_g=100, lr_d=100, objective="least-squares", optimizer_g="sgd", optimizer_d="sgd"))
    with pytest.raises(Diverged, match="stop being finite at step"):
        timeline.advance(500)
    stop = timeline.line.stop
    assert timeline.step == stop < 500 and torch.isfinite(timeline.state.g).all()
    assert all(moment.state.step <= stop for moment in timeline.line.kept) and len(timeline.history()[0]) == stop
    timeline.seek(0)
    timeline.change(lr_g=1e-3, lr_d=1e-3)
    timeline.advance(50)
    assert len(timeline.lines) == 2


# -- files


def trace_through_json(timeline):
    return json.loads(json.dumps(to_trace(timeline), allow_nan=False))


def test_a_file_has_all_branches_and_where_it_stands():
    timeline = begun()
    ends = []
    for seed in range(3):
        walked(timeline, seed, 60)
        ends.append((len(timeline.lines) - 1, timeline.step, digest(timeline.state)))
        timeline.seek(timeline.step // 2)
        timeline.change(lr_g=1e-3 * (seed + 2))
    here = digest(timeline.state), timeline.step, timeline.experiment.values()
    again = timeline_of(trace_through_json(timeline))
    again.seek(timeline.step)
    assert (digest(again.state), again.step, again.experiment.values()) == here
    for line, step, state in ends:
        again.seek(step, again.lines[line])
        assert digest(again.state) == state
    assert trace_through_json(again)["lines"] == trace_through_json(timeline)["lines"]


def test_a_file_without_branches_is_as_before():
    timeline = begun()
    timeline.advance(5)
    timeline.change(unroll=1)
    timeline.advance(5)
    trace = trace_through_json(timeline)
    assert "lines" not in trace and trace["events"] == [{"step": 5, "controls": {"unroll": 1}}] and trace["stop"] == 10
    old = {**trace, "format": "gandyn-trace-1"}
    assert digest(gandyn.replay(old).state) == trace["sha256"]


def test_a_change_that_no_step_has_used_is_in_the_file():
    timeline = begun()
    timeline.advance(5)
    timeline.change(unroll=1)
    again = timeline_of(trace_through_json(timeline))
    again.seek(5)
    assert again.experiment.rule.unroll == 1
    timeline.advance(5)
    timeline.seek(2)
    timeline.change(unroll=4)
    again = timeline_of(trace_through_json(timeline))
    again.seek(2)
    assert again.experiment.rule.unroll == 4
    again.advance(1)
    timeline.advance(1)
    assert digest(again.state) == digest(timeline.state)


@pytest.mark.parametrize(
    ("damage", "line"),
    [
        (lambda trace: trace["events"].pop(), "was changed by hand"),
        (lambda trace: trace["lines"][1].update(start=1000), "begins at step 1000, which its parent has not made"),
        (lambda trace: trace["lines"][1].update(parent=7), "the parent of a branch must be"),
        (lambda trace: trace["lines"][1].pop("stop"), r"lines\[1\]: object missing required field stop"),
        (lambda trace: trace["lines"][1]["events"].append(3), r"lines\[1\].events\[\d\]: expected object, got int"),
        (
            lambda trace: trace["lines"][0]["events"].append({"step": -3, "controls": {}}),
            r"lines\[0\].events\[\d\].step: expected int >= 0",
        ),
        (lambda trace: trace["lines"][0]["events"].insert(0, {"step": 1, "controls": {"latent_size": 3}}), "a reset"),
        (lambda trace: trace.update(stop=10**6), "was changed by hand"),
    ],
    ids=range(8),
)
def test_a_damaged_file_is_refused_in_a_line(damage, line):
    timeline = begun()
    timeline.advance(20)
    timeline.seek(10)
    timeline.change(unroll=1)
    timeline.advance(5)
    trace = trace_through_json(timeline)
    damage(trace)
    with pytest.raises(ValueError, match=line) as refusal:
        timeline_of(trace)
    assert "\n" not in str(refusal.value)


@pytest.mark.parametrize("strange", [None, True, -1, 2.5, math.nan, math.inf, 10**400, "x", [], [1], {}, {"a": [1]}])
@pytest.mark.parametrize(
    "place",
    [
        ("stop",), ("start",), ("line",), ("lanes",), ("engine",), ("config",), ("config", "preset"),
        ("config", "controls"), ("config", "networks"), ("config", "networks", "critic"),
        ("config", "controls", "lr_d"),
        ("events",), ("events", 0), ("events", 0, "step"), ("events", 0, "controls"), ("lines",), ("lines", 1),
        ("lines", 1, "parent"), ("lines", 1, "start"), ("lines", 1, "stop"), ("lines", 1, "events"),
        ("lines", 1, "events", 0), ("lines", 1, "events", 0, "step"), ("lines", 1, "events", 0, "controls"),
    ],
    ids=lambda place: ".".join(map(str, place)),
)  # fmt: skip
def test_whatever_stands_in_a_file_is_a_line_or_a_timeline(branched_trace, place, strange):
    trace = copy.deepcopy(branched_trace)
    *way, last = place
    functools.reduce(operator.getitem, way, trace)[last] = copy.deepcopy(strange)
    try:
        timeline = timeline_of(trace)
    except ValueError as refusal:
        assert len(str(refusal).splitlines()) == 1
    else:
        assert all(type(line.start) is type(line.stop) is int for line in timeline.lines)


@pytest.fixture(scope="module")
def branched_trace():
    timeline = begun()
    timeline.advance(20)
    timeline.seek(10)
    timeline.change(unroll=1)
    timeline.advance(5)
    return trace_through_json(timeline)


def test_when_each_control_was_last_changed_is_known_on_every_line():
    timeline = begun()
    timeline.advance(10)
    timeline.change(lr_d=2e-3)
    assert timeline.line.last_changes(10, timeline.experiment) == {"lr_d": 10}, "no step has used it yet"
    timeline.advance(10)
    timeline.change(lr_d=3e-3, clip=0.1)
    timeline.advance(5)
    assert timeline.line.last_changes(25, timeline.experiment) == {"lr_d": 20, "clip": 20}
    timeline.seek(15)
    assert timeline.line.last_changes(15, timeline.experiment) == {"lr_d": 10}
    timeline.change(clip=0.2)
    timeline.advance(3)
    assert timeline.line.last_changes(18, timeline.experiment) == {"lr_d": 10, "clip": 15}, "on a fork of its own"
