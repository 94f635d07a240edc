"""Axes that one spike cannot ruin, and what is marked beyond their ends."""

import numpy as np
import pytest

import gandyn
from gandyn.live.broadcast import Broadcast
from gandyn.live.frame_builder import FrameBuilder
from gandyn.live.ranges import NEAR, SPIKES, ValueAxis, robust_range, spikes
from gandyn.probes.short_number import short_number
from tests.live.test_frame import decode
from tests.live.test_run import small


def test_without_spikes_a_range_is_that_of_the_values():
    values = np.linspace(-3, 5, 1000)
    assert robust_range(values) == (-3, 5)
    assert robust_range(np.random.default_rng(0).permutation(values)) == (-3, 5)


@pytest.mark.parametrize("spike", [1e3, 4e15, 1e300, np.inf])
@pytest.mark.parametrize("share", [0.001, 0.05, 0.09])
def test_spikes_do_not_set_the_range(spike, share):
    values = np.random.default_rng(1).uniform(1, 2, 1000)
    values[: int(1000 * share)] = spike
    low, high = robust_range(values)
    assert 0.99 < low < 1.01 and 1.9 < high < 10


def test_the_middle_of_a_curve_fills_a_ninth_of_its_range_at_least():
    rng = np.random.default_rng(2)
    for _ in range(50):
        values = rng.standard_cauchy(500) * rng.exponential(10)
        low, high = robust_range(values)
        inner = np.quantile(values, [0.1, 0.9])
        assert (inner[1] - inner[0]) / (high - low) >= 1 / 9 - 1e-9
        assert low <= inner[0] and high >= inner[1]


def test_what_is_not_finite_is_no_value():
    assert robust_range(np.array([np.nan, np.inf])) is None
    assert robust_range(np.array([])) is None
    assert robust_range(np.array([2.0, np.nan])) == (2, 2)


def test_an_axis_keeps_its_range_when_a_spike_comes_and_when_it_is_over():
    axis, rng = ValueAxis(-2, 2), np.random.default_rng(3)
    calm = rng.normal(0, 0.5, 500)
    before = axis.show(calm)
    assert axis.show(np.append(calm, 4e15)) == before
    assert axis.show(np.append(calm, [4e15, *calm])) == before


def test_each_curve_of_an_axis_has_its_own_spikes():
    axis = ValueAxis(-2, 2)
    low, high = axis.show(np.full(500, 1.4), np.append(np.full(500, -1.4), 60))
    assert (low, high) == (-2, 2)


def test_spikes_are_where_the_values_leave_the_axis():
    steps = np.arange(1000)
    values = np.sin(steps / 50)
    values[[300, 301, 302]] = [7, 9, 8]
    values[[310, 700]] = [5, -6]
    assert spikes([(steps, values)], -2, 2, 1000) == [(301, 1, 9), (700, -1, -6)], "310 is too near to 301"
    assert spikes([(steps, values)], -2, 2, 200) == [(301, 1, 9), (700, -1, -6), (310, 1, 5)]
    assert spikes([(steps, values)], -10, 10, 1000) == spikes([], 0, 1, 1) == []


def test_spikes_of_two_curves_at_one_place_have_one_mark_a_side():
    steps = np.arange(100)
    up, down = np.zeros(100), np.zeros(100)
    up[50], down[50], down[51] = np.inf, -4, 3
    up[10] = np.nan
    assert spikes([(steps, up), (steps, down)], -2, 2, 100) == [(50, 1, np.inf), (50, -1, -4)]


def test_marks_are_apart_and_few():
    steps = np.arange(10_000)
    marks = spikes([(steps, np.random.default_rng(4).normal(0, 100, 10_000))], -1, 1, 10_000)
    assert len(marks) == SPIKES
    for side in (1, -1):
        places = sorted(step for step, one, _ in marks if one == side)
        assert all(b - a > NEAR * 10_000 for a, b in zip(places, places[1:], strict=False))


@pytest.mark.parametrize(
    "value, text",
    [
        (0, "0"), (1.2345, "1.23"), (-0.5, "−0.5"), (12345, "12,300"), (999.6, "1,000"), (4e15, "4·10¹⁵"),
        (1e20, "10²⁰"), (-2.5e-7, "−2.5·10⁻⁷"), (0.00012, "0.00012"), (np.inf, "∞"), (-np.inf, "−∞"),
    ],
)  # fmt: skip
def test_numbers_are_short(value, text):
    assert short_number(value) == text


def test_a_frame_names_the_spikes_of_its_axes():
    """A run whose rate was 100 for one step: its losses leave the axis, which shows the others."""
    broadcast = Broadcast(gandyn.Run(small(optimizer_d="sgd", lr_d=0.01), measured=True), FrameBuilder())
    run = broadcast.run
    for steps, rate in ((300, 0.01), (1, 100.0), (1, 0.01), (300, 0.0)):
        run.set(lr_d=rate)
        run.advance(steps)
    header, sources = decode(broadcast._make_frame(broadcast, frozenset()).encode(series=True))
    losses, gap = sources["losses"], sources["gap"]
    for axis, curves in {
        "losses": [losses["critic"], losses["generator"], gap["f_k"]],
        "gap": [gap["gap"]],
    }.items():
        low, high = header["axes"][axis]
        outside = [values[(values < low) | (values > high)] for values in curves]
        assert bool(header["spikes"][axis]) == any(len(one) for one in outside)
        for step, side, text in header["spikes"][axis]:
            assert 0 < step <= run.state.step and side in (1, -1) and text
