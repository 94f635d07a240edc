"""Measures on a grid of steps: the same points and the same values, whoever looks and however often."""

import random

import numpy as np
import pytest
import torch

import gandyn
from gandyn.core.dynamics import probe_gap
from gandyn.core.lanes import batch_at, lane
from gandyn.core.play import draw_batches, draw_lanes
from gandyn.core.rng import Rng
from gandyn.live.broadcast import Broadcast
from gandyn.live.frame_builder import FrameBuilder
from gandyn.timeline.readings import READ, probe_gaps, spacing, until_reading
from gandyn.timeline.timeline import Timeline
from tests.live.test_run import small
from tests.live.test_stepper import Someone


@pytest.mark.parametrize("lanes", [1, 4])
def test_the_grid(lanes):
    """By its definition, with exact powers of two; going from reading to reading meets every one of them."""
    per_octave = 32 if lanes == 1 else 16
    wanted = []
    for step in range(1, 5000):
        exponent = 0
        while per_octave * 2 ** (exponent + 1) <= step:
            exponent += 1
        assert spacing(step, lanes) == 2**exponent
        if step % 2**exponent == 0:
            wanted.append(step)
    met, step = [], 0
    while (step := step + until_reading(step, lanes)) < 5000:
        met.append(step)
    assert met == wanted


def curves(run):
    return {name: run.series(name) for name in ("covered", "hq", "f", "gap", "critic_loss")}


@pytest.mark.parametrize("controls", [{}, {"unroll": 2}, {"target": "spiral"}])
def test_the_same_seed_gives_the_same_curves_with_and_without_a_page(controls):
    """A page that asks for frames when it likes and changes the speed: bit for bit those of a run that nobody sees."""
    alone = gandyn.Run(small(**controls), measured=True)
    broadcast = Broadcast(gandyn.Run(small(**controls), measured=True), FrameBuilder(), playing=True)
    broadcast.viewers.add(Someone())
    chance = random.Random(0)
    while broadcast.run.state.step < 700:
        broadcast.speed = chance.choice([0, 0, 5000])
        if chance.random() < 0.3:
            broadcast.want_frame()
        broadcast.serve()
        assert broadcast.playing, broadcast.notice
    alone.advance(broadcast.run.state.step)
    for name, (steps, values) in curves(alone).items():
        again = curves(broadcast.run)[name]
        assert (again[0] == steps).all() and np.array_equal(again[1], values, equal_nan=True), name


def test_readings_of_branches_are_those_of_their_path():
    timeline = Timeline(small(), measured=True)
    timeline.advance(40)
    before = timeline.readings()
    timeline.seek(20)
    timeline.change(lr_d=5e-3)
    timeline.advance(20)
    steps, values = timeline.readings()
    assert steps.tolist() == list(range(1, 41))
    assert np.array_equal(values[:20], before[1][:20], equal_nan=True) and not np.array_equal(
        values[20:], before[1][20:]
    )
    timeline.seek(40, timeline.lines[0])
    assert np.array_equal(timeline.readings()[1], before[1], equal_nan=True)


def test_a_run_that_is_not_measured_says_so():
    run = gandyn.Run(small())
    run.advance(3)
    assert len(run.readings()[0]) == 0
    with pytest.raises(ValueError, match="^series 'covered' is of runs that are measured"):
        run.series("covered")


def test_a_reading_is_what_the_measures_say():
    run = gandyn.Run(small(), measured=True)
    run.advance(5)
    reading = dict(zip(READ, run.readings()[1][-1, :, 0], strict=True))
    from gandyn.probes.inputs import generate

    measures = gandyn.measure(run.experiment.target, generate(run.experiment, run.state, 1000, Rng(0)))
    assert (reading["covered"], reading["hq"]) == (measures["covered"], measures["hq"])
    assert np.isnan(reading["sw2"])


def test_the_probe_of_all_gaps_is_that_of_each():
    for controls in ({"penalty": "gradient-penalty", "unroll_order": "second"}, {"critic_steps": 2, "clip": 0.1}):
        run = gandyn.Run(small(**controls), lanes=3, dtype=torch.float64)
        run.advance(10)
        e, state = run.experiment, run.state
        f, f_k = probe_gaps(e, state, run.seeds, 3)
        for i, seed in enumerate(run.seeds):
            batch = draw_batches(e, Rng(seed, state.step), state.g.dtype)[-1]
            again = batch_at(draw_lanes(e, [Rng(s, state.step) for s in run.seeds], state.g.dtype)[-1], i)
            assert torch.equal(batch.real, again.real)
            wanted = probe_gap(e.game, e.rule, lane(state, i), batch, e.knobs, 3)
            assert (float(f[i]), float(f_k[i])) == pytest.approx(wanted, rel=1e-9)
            one = probe_gaps(e, lane(state, i), [seed], 3)
            assert (float(one[0]), float(one[1])) == pytest.approx(wanted, rel=1e-9)
