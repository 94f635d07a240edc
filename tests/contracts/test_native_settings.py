"""The compiled engine is the one in autograd, whatever is combined: states and metrics of three steps in float64."""

import random

import pytest

from tests.contracts.settings import CHOICES, compare, complete, covering, fits, pairs

FLAT, OF_THE_NORM = ("zero weights", "dead units"), ("gradient-penalty", "one-sided", "dragan")

ROWS = covering()


@pytest.mark.parametrize("i", range(len(ROWS)), ids=[f"{i}-{row['objective']}" for i, row in enumerate(ROWS)])
def test_every_pair_of_settings(i):
    assert compare(ROWS[i], i) == []


def test_the_rows_hold_every_pair():
    held = set().union(*map(pairs, ROWS))
    for a, b in ((a, b) for a in CHOICES for b in CHOICES if list(CHOICES).index(a) < list(CHOICES).index(b)):
        for x, one in enumerate(CHOICES[a]):
            for y, other in enumerate(CHOICES[b]):
                assert ((a, x, b, y) in held) is fits({a: one, b: other}), (a, one, b, other)


@pytest.mark.slow
@pytest.mark.parametrize("part", range(20))
def test_random_settings(part):
    """2,000 altogether.

    Without penalties of the slope's norm where all slopes are exactly 0 at the start: the norm has no derivative there,
    and rounding decides which way a first step goes. test_every_pair_of_settings has them all the same.
    """
    draw, faults = random.Random(part), []
    for i in range(100):
        row = complete({}, draw)
        assert row is not None
        if not (row["start"] in FLAT and row["penalty"] in OF_THE_NORM):
            faults += compare(row, 1000 + 100 * part + i, most=1e-8)  # Adam magnifies what cancels to rounding
    assert faults == []
