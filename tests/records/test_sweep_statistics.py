"""Intervals against closed forms and tables."""

import math

import pytest
from scipy.stats import binomtest, t

from gandyn.probes.sample_measures import MEASURES
from gandyn.sweep.statistics import average, median, share
from gandyn.sweep.summary import _estimates


@pytest.mark.parametrize(("hits", "n"), [(0, 8), (3, 8), (8, 8), (1, 1), (40, 100)])
@pytest.mark.parametrize("confidence", [0.9, 0.95])
def test_wilson_is_wilson(hits, n, confidence):
    estimate = share(hits, n, confidence)
    known = binomtest(hits, n).proportion_ci(confidence, "wilson")
    assert estimate == pytest.approx((hits / n, known.low, known.high), abs=1e-12)
    assert 0 <= estimate.low <= estimate.value <= estimate.high <= 1


def test_the_ends_of_wilson_solve_its_equation():
    p, low, high = share(3, 8)
    for end in (low, high):
        assert abs(p - end) == pytest.approx(1.959964 * math.sqrt(end * (1 - end) / 8), rel=1e-6)


def test_student_is_student():
    values = [0.2, 0.3, 0.7, 0.4]
    estimate = average(values)
    half = t.ppf(0.975, 3) * math.sqrt(sum((v - 0.4) ** 2 for v in values) / 3) / 2
    assert estimate == pytest.approx((0.4, 0.4 - half, 0.4 + half))
    assert average([0.9, 1.0], most=1.0).high == 1.0 and average([0.0, 0.1]).low == 0.0
    assert average([0.5]) == (0.5, None, None) and average([]) == (None, None, None)
    assert average([0.5, 0.5]) == (0.5, 0.5, 0.5)


@pytest.mark.parametrize(
    ("n", "ranks"), [(5, None), (6, (1, 6)), (8, (1, 8)), (9, (2, 8)), (16, (4, 13)), (25, (8, 18))]
)
def test_the_interval_of_the_median_is_that_of_the_tables(n, ranks):
    """Ranks at 95 % as tabulated by e.g. Conover, Practical Nonparametric Statistics, for the sign test."""
    estimate = median([float(i) for i in range(n, 0, -1)])
    assert estimate == ((n + 1) / 2, *(ranks or (None, None)))


def test_who_never_comes_is_later_than_all():
    assert median([3, None, 1]) == (3, None, None)
    assert median([None, 1]) == (None, None, None)
    assert median([]) == (None, None, None)
    estimate = median([10, 20, 30, 40, 50, None, None, None])
    assert estimate == (45, 10, None)


def test_an_interval_goes_as_far_as_its_measure_and_holds_its_mean():
    """The log-likelihood, the energy distance and the squared MMD may be negative; a share ends at 1."""
    values = {"log_likelihood": (-9.0, -7.0), "energy": (-0.01, 0.01), "mmd2": (-2e-3, 1e-3), "coverage": (0.95, 1.0)}
    rows = [
        {"error": None, "seed": seed, **{name: pair[seed] for name, pair in values.items()}, "w1": float(seed)}
        for seed in range(2)
    ]
    estimate = _estimates(rows)
    for name, pair in values.items():
        value, low, high = estimate[name]
        assert value == pytest.approx(sum(pair) / 2) and low < value < high
    assert estimate["log_likelihood"][1] < -9 and estimate["mmd2"][1] < -2e-3 and estimate["coverage"][2] == 1
    assert estimate["w1"][1] == 0
    assert {name for name, one in MEASURES.items() if one.signed} == {"log_likelihood", "energy", "mmd2"}
