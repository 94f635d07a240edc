"""How sure is a share, a mean, a median of few seeds? Intervals by closed forms, nothing of ours in between."""

from __future__ import annotations

import math
from collections.abc import Sequence
from statistics import NormalDist, mean, stdev
from typing import NamedTuple

from scipy.special import bdtr, stdtrit

CONFIDENCE = 0.95


class Estimate(NamedTuple):
    """A value with its interval; None where there is none."""

    value: float | None
    low: float | None
    high: float | None


def share(hits: int, n: int, confidence: float = CONFIDENCE) -> Estimate:
    """hits / n with Wilson's interval, which stays in [0, 1] and is no point at 0 or n.

    The p with |hits / n - p| <= z sqrt(p (1 - p) / n). Ref. Wilson 1927, JASA 22, 209.
    """
    if not n:
        return Estimate(None, None, None)
    p, z = hits / n, _z(confidence)
    centre, spread = p + z**2 / (2 * n), z * math.sqrt(p * (1 - p) / n + (z / (2 * n)) ** 2)
    low, high = ((centre + sign * spread) / (1 + z**2 / n) for sign in (-1, 1))
    return Estimate(p, 0.0 if hits == 0 else low, 1.0 if hits == n else high)


def average(
    values: Sequence[float], least: float = 0.0, most: float = math.inf, confidence: float = CONFIDENCE
) -> Estimate:
    """The mean with Student's interval, mean +- t s / sqrt(n), cut off where no value can be; none for a single value.

    Ref. Student 1908, Biometrika 6, 1.
    """
    n = len(values)
    if n < 2:
        return Estimate(values[0] if n else None, None, None)
    middle = mean(values)
    spread = float(stdtrit(n - 1, (1 + confidence) / 2)) * stdev(values) / math.sqrt(n)
    return Estimate(middle, max(least, middle - spread), min(most, middle + spread))


def median(values: Sequence[float | None], confidence: float = CONFIDENCE) -> Estimate:
    """The median with its distribution-free interval between two of the values; None among them is later than all.

    With n values in order, the k-th from below and the k-th from above hold the median but for a chance of
    2 P(Binomial(n, 1/2) < k); k is the largest for which that is at most 1 - confidence. Below 6 values there is none
    at 95 %. A bound or a median that is None is one that was not reached. Ref. Thompson 1936, Ann. Math. Stat. 7, 122.
    """
    n = len(values)
    if not n:
        return Estimate(None, None, None)
    order = sorted(math.inf if value is None else value for value in values)
    middle = (order[(n - 1) // 2] + order[n // 2]) / 2
    k = 0
    while 2 * float(bdtr(k, n, 0.5)) <= 1 - confidence:
        k += 1
    low, high = (order[k - 1], order[n - k]) if k else (math.inf, math.inf)
    return Estimate(_reached(middle), _reached(low), _reached(high))


def _reached(value: float) -> float | None:
    return value if math.isfinite(value) else None


def _z(confidence: float) -> float:
    return NormalDist().inv_cdf((1 + confidence) / 2)
