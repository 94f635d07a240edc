"""The latest reading: of the state on the stage, and the very value that the training reads there."""

import numpy as np
import pytest

import gandyn
from gandyn.core.rng import Rng
from gandyn.diagnosis.moment import SAMPLES
from gandyn.live.broadcast import Broadcast
from gandyn.live.frame_builder import FrameBuilder
from gandyn.probes.inputs import generate
from gandyn.probes.measures import measure
from tests.live.test_frame import decode
from tests.live.test_run import small


def broadcast_of(steps: int, **controls) -> Broadcast:
    broadcast = Broadcast(gandyn.Run(small(**controls), measured=True), FrameBuilder())
    broadcast.run.advance(steps)
    return broadcast


def sources_of(broadcast: Broadcast, *, series: bool = True):
    return decode(broadcast._make_frame(broadcast, frozenset()).encode(series=series))[1]


@pytest.mark.parametrize("unroll", [0, 3])
def test_where_the_training_reads_it_is_what_the_training_read(unroll):
    sources = sources_of(broadcast_of(40, unroll=unroll, probe_unroll=4))
    latest, gap = {name: values[0] for name, values in sources["latest"].items()}, sources["gap"]
    assert latest["step"] == gap["step"][-1] == sources["losses"]["step"][-1] == 40
    assert latest["critic"] == sources["losses"]["critic"][-1]
    assert latest["generator"] == sources["losses"]["generator"][-1]
    assert (latest["covered"], latest["hq"]) == (sources["modes"]["covered"][-1], sources["modes"]["hq"][-1])
    assert latest["gap"] == pytest.approx(gap["gap"][-1], abs=1e-6)
    assert latest["f_k"] == pytest.approx(gap["f_k"][-1], abs=1e-6)


def test_between_two_readings_it_is_of_this_state_and_the_curve_has_no_point_there():
    broadcast = broadcast_of(1027)  # readings at every fourth step
    latest, modes = sources_of(broadcast)["latest"], sources_of(broadcast)["modes"]
    assert modes["step"][-1] == 1024 and latest["step"] == 1027
    run = broadcast.run
    samples = generate(run.experiment, run.state, SAMPLES, Rng(run.experiment.seed))
    assert latest["covered"] == measure(run.experiment.target, samples)["covered"]
    other = broadcast_of(1024)
    other.run.advance(4)
    broadcast.run.advance(1)
    assert sources_of(broadcast)["latest"]["gap"] == sources_of(other)["latest"]["gap"], "as in one piece"


def test_every_frame_brings_it_also_without_the_series():
    broadcast = broadcast_of(5)
    sources_of(broadcast)
    broadcast.run.advance(1)
    sources = sources_of(broadcast, series=False)
    assert sources["latest"]["step"] == 6 and "modes" not in sources


def test_what_there_is_not_is_not_drawn():
    latest = sources_of(broadcast_of(0, unroll=3))["latest"]
    assert np.isnan([latest[name] for name in ("critic", "generator", "f_k", "gap")]).all()
    assert latest["covered"] == 0
    line = sources_of(broadcast_of(3, target="spiral"))["latest"]
    assert np.isnan(line["covered"]) and line["sw2"] > 0


def test_before_its_first_step_a_look_ahead_has_no_gap():
    broadcast = broadcast_of(3)
    assert not np.isnan(sources_of(broadcast)["latest"]["gap"])
    broadcast.run.set(unroll=2)
    assert np.isnan(sources_of(broadcast)["latest"]["gap"])
    broadcast.run.advance(1)
    assert not np.isnan(sources_of(broadcast)["latest"]["gap"])
