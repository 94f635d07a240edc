"""A timeline of its own with the same past: it goes on as the other would, and shares nothing that is written."""

import numpy as np
import pytest

import gandyn
from gandyn.timeline.branch import branched
from gandyn.timeline.kept import BUDGET
from gandyn.timeline.timeline import Timeline
from gandyn.timeline.trace import timeline_of, to_trace
from tests.live.test_run import same, small


def with_a_past(lanes=None, measured=True):
    timeline = Timeline(small(), lanes=lanes, measured=measured)
    timeline.advance(300)
    timeline.change(unroll=2)
    timeline.advance(150)
    timeline.change(lr_g=3e-3)
    timeline.advance(70)
    return timeline


def test_it_goes_on_as_the_other_does_with_the_same_series():
    timeline = with_a_past()
    twin = branched(timeline)
    assert twin.id != timeline.id and twin.step == timeline.step == 520
    assert same(twin.state, timeline.state) and twin.metrics == timeline.metrics
    assert twin.events() == timeline.events()
    for one in (timeline, twin):
        one.advance(200)
    assert same(twin.state, timeline.state)
    for a, b in zip(twin.history() + twin.readings(), timeline.history() + timeline.readings(), strict=True):
        assert np.array_equal(a, b, equal_nan=True)


def test_what_is_done_to_one_is_not_done_to_the_other():
    timeline = with_a_past()
    twin = branched(timeline)
    before = to_trace(timeline)
    twin.change(lr_g=1e-4)
    twin.advance(100)
    twin.seek(310)
    assert to_trace(timeline) == before and timeline.step == 520
    timeline.advance(10)
    assert len(twin.history()[0]) == 310


def test_its_past_is_there_and_its_trace_is_replayed():
    timeline = with_a_past()
    twin = branched(timeline)
    for step in (0, 299, 301, 449, 460):
        timeline.seek(step)
        twin.seek(step)
        assert same(twin.state, timeline.state)
    twin.seek(520)
    again = timeline_of(to_trace(twin))
    again.seek(520)
    assert same(again.state, twin.state)


def test_from_an_earlier_step_it_has_what_was_before_alone():
    timeline = with_a_past()
    timeline.seek(400)
    twin = branched(timeline)
    assert (twin.step, twin.line.stop, twin.events()) == (400, 400, [{"step": 300, "controls": {"unroll": 2}}])
    twin.advance(120)
    timeline.seek(520)
    assert not same(twin.state, timeline.state), "the later change is not in its past"


def test_what_is_wanted_and_not_done_yet_is_wanted_there_too():
    timeline = with_a_past()
    timeline.change(lr_d=4e-4)
    assert branched(timeline).experiment.knobs.lr_d == 4e-4


@pytest.mark.parametrize("lane", [0, 2])
def test_one_of_many_goes_on_alone_as_the_run_of_its_seed(lane):
    timeline = with_a_past(lanes=4)
    one = branched(timeline, lane)
    alone = with_a_past_of(timeline.walker.seeds[lane])
    assert one.lanes is None and one.experiment.seed == alone.experiment.seed and one.step == 520
    assert one.history()[1].shape == alone.history()[1].shape
    if one.walker.engine.name == "native":  # elsewhere lanes are their runs but for rounding
        assert same(one.state, alone.state)
        for timeline in (one, alone):
            timeline.advance(60)
        assert same(one.state, alone.state)
        one.seek(350)
        alone.seek(350)
        assert same(one.state, alone.state)


def with_a_past_of(seed):
    timeline = Timeline(small().replace(seed=seed), measured=True)
    for steps, controls in ((300, {"unroll": 2}), (150, {"lr_g": 3e-3}), (70, {})):
        timeline.advance(steps)
        if controls:
            timeline.change(**controls)
    return timeline


def test_one_that_began_with_a_state_begins_with_it_there_too():
    begun = gandyn.Run(small())
    begun.advance(20)
    timeline = Timeline(small(), state=begun.state)
    timeline.advance(30)
    twin = branched(timeline)
    twin.seek(25)
    timeline.seek(25)
    assert same(twin.state, timeline.state)


def test_what_its_parent_went_on_to_after_the_fork_is_not_of_its_past():
    timeline = with_a_past()
    timeline.seek(20)
    timeline.change(objective="wasserstein")
    timeline.kept.budget = 0  # nothing of the fork is kept in place of what its parent keeps
    timeline.advance(100)
    timeline.kept.budget = BUDGET
    twin = branched(timeline)
    for step in (60, 119, 20, 10):
        timeline.seek(step)
        twin.seek(step)
        assert same(twin.state, timeline.state)
