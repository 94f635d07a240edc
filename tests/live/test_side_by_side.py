"""Runs side by side: one clock, every run as it would be alone, and one that stops does not stop the others."""

import time

import pytest

import gandyn
from gandyn.live.broadcast import Broadcast
from gandyn.live.differences import differences
from gandyn.live.frame import LAYERS
from gandyn.live.frame_builder import FrameBuilder
from tests.live.test_frame import decode_all
from tests.live.test_run import same, small
from tests.live.test_stepper import Someone

BREAKS = {"optimizer_d": "sgd", "critic.widths": "", "objective": "least-squares", "lr_d": 100}


def side_by_side(*runs, speed=0.0, playing=True):
    broadcast = Broadcast(runs[0], FrameBuilder(), speed=speed, playing=playing)
    broadcast.viewers.add(Someone())
    broadcast.put(*runs)
    return broadcast


def serve_until(broadcast, condition, seconds=30.0):
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "waited in vain"
        broadcast.serve()


@pytest.mark.parametrize("speed", [0.0, 2000.0])
def test_they_stand_at_one_step_after_every_turn_and_are_what_they_are_alone(speed):
    experiments = [small(), small(unroll=3), small(penalty="r1")]
    broadcast = side_by_side(*map(gandyn.Run, experiments), speed=speed)
    for run in broadcast.runs:
        run.advance(0)  # compiles what is missing
    serve_until(broadcast, lambda: broadcast.run.state.step > 3)
    while broadcast.run.state.step < 200:
        broadcast.serve()
        assert len({run.state.step for run in broadcast.runs}) == 1
    for experiment, run in zip(experiments, broadcast.runs, strict=True):
        alone = gandyn.Run(experiment)
        alone.advance(run.state.step)
        assert same(alone.state, run.state)


def test_one_that_stops_stands_still_and_says_why_while_the_others_go_on():
    broadcast = side_by_side(gandyn.Run(small()), gandyn.Run(small(**BREAKS)))
    first, other = broadcast.program.tracks
    serve_until(broadcast, lambda: other.stopped is not None)
    stood = other.step
    serve_until(broadcast, lambda: first.step > stood + 50)
    assert (other.step, broadcast.playing, broadcast.notice) == (stood, True, None)
    parts = decode_all(broadcast._make_frame(broadcast, LAYERS).encode(series=True))
    assert parts[0][0]["notice"] is None and "stop being finite" in parts[1][0]["notice"]["text"]


def test_all_go_to_a_step_of_the_past_and_play_on_from_it_together():
    broadcast = side_by_side(gandyn.Run(small()), gandyn.Run(small(lr_g=2e-3)), playing=False)
    for run in broadcast.runs:
        run.advance(400)
    states = [run.state for run in broadcast.runs]
    broadcast.look(37)
    serve_until(broadcast, lambda: broadcast.seeking is None)
    assert [run.state.step for run in broadcast.runs] == [37, 37]
    for _ in range(363):
        broadcast.step_once()
    serve_until(broadcast, lambda: broadcast.run.state.step == 400)
    broadcast.serve()
    assert all(same(run.state, state) for run, state in zip(broadcast.runs, states, strict=True))


def test_to_look_at_a_step_pauses_and_one_that_was_not_made_is_the_last():
    broadcast = side_by_side(gandyn.Run(small()))
    broadcast.run.advance(50)
    broadcast.look(10**6)
    assert not broadcast.playing
    serve_until(broadcast, lambda: broadcast.seeking is None)
    assert broadcast.run.state.step == 50


def test_a_frame_has_a_part_for_each_at_one_step_and_says_in_what_they_differ():
    broadcast = side_by_side(gandyn.Run(small()), gandyn.Run(small(unroll=2, lr_d=4e-4)), playing=False)
    for run in broadcast.runs:
        run.advance(30)
    (one, sources), (two, others) = decode_all(broadcast._make_frame(broadcast, LAYERS).encode(series=True))
    assert one["step"] == two["step"] == 30 and one["timeline"] != two["timeline"]
    assert "k 0" in one["differs"] and "k 2, critic's rate 0.0004" in two["differs"]
    assert sources.keys() == others.keys()
    assert sources["real"]["x"].tolist() == others["real"]["x"].tolist(), "the same data"
    assert sources["generated"]["x"].tolist() != others["generated"]["x"].tolist()


def test_what_is_equal_in_all_is_no_difference():
    assert differences([small(), small()]) == ["", ""] and differences([small()]) == [""]
    assert differences([small(seed=1), small(seed=2), small(seed=1)]) == ["seed 1", "seed 2", "seed 1"]


def test_the_past_of_all_has_the_room_of_one():
    broadcast = side_by_side(gandyn.Run(small()))
    alone = broadcast.run.timeline.kept.budget
    broadcast.put(broadcast.run, gandyn.Run(small()), gandyn.Run(small()))
    broadcast.serve()
    assert [run.timeline.kept.budget for run in broadcast.runs] == [alone // 3] * 3
    broadcast.put(broadcast.run)
    broadcast.serve()
    assert broadcast.run.timeline.kept.budget == alone


def test_with_less_room_the_past_is_thinned_at_once_also_of_a_run_that_stands_still():
    broadcast = side_by_side(gandyn.Run(small()))
    broadcast.play(False)
    kept = broadcast.run.timeline.kept
    for _ in range(100):
        broadcast.run.advance(4)
    before = kept.used
    broadcast.give_room(before // 4)
    broadcast.serve()
    assert 0 < kept.used <= before // 4 and kept.count() > 10
    broadcast.run.timeline.seek(7)
    assert broadcast.run.state.step == 7, "what is no longer kept is made again"
