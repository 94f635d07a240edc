"""Ranges that stay put: an axis or a colour scale that moves with every frame cannot be read."""

from __future__ import annotations

import math

import numpy as np

from gandyn.probes.window import round_up

GROWTH = 1.25  # of the axis of steps beyond the steps that no longer fit, before it is rounded up
ROOM = 0.02  # of the axis of steps that is free at its end: the latest dot is not cut off there
MIDDLE = 0.1, 0.9  # quantiles between which most of a curve lies
REACH = 4.0  # times as far as from one of them to the other: what is farther away than that is a spike
ENOUGH = 4096  # values for a quantile: a run has a hundred thousand
LARGEST = 1e37  # what a column can hold, with room around it
FLAT = 0.05  # of the size of its values: an axis spans at least so much, or its ticks have too many digits
NEAR = 0.04  # of the axis of steps: spikes closer together have one mark
Curve = tuple[np.ndarray, np.ndarray]  # steps [n], values [n]
SPIKES = 12  # marks on an axis at most


class StepAxis:
    """[0, end] for the steps seen so far; grows in round jumps."""

    def __init__(self) -> None:
        self.end = 200.0

    def show(self, step: int) -> list[float]:
        """The range that has room for `step`."""
        if step > (1 - ROOM) * self.end:
            self.end = round_up(step * GROWTH)
        return [0.0, self.end]


def robust_range(values: np.ndarray) -> tuple[float, float] | None:
    """(low, high) of a curve's finite values [n] but for its spikes; None where there are none.

    From the least to the greatest value that is no farther from the middle 80 % than four times the span of these: so
    they fill at least a ninth of the range, however large a spike is.
    """
    finite = np.clip(values[np.isfinite(values)], -LARGEST, LARGEST)
    if not len(finite):
        return None
    low, high = (float(q) for q in np.quantile(finite[:: 1 + len(finite) // ENOUGH], MIDDLE))
    span = max(high - low, 1e-3 * max(abs(low), abs(high)), 1e-6)
    near = finite[(finite >= low - REACH * span) & (finite <= high + REACH * span)]
    return float(near.min()), float(near.max())


class ValueAxis:
    """The range of some curves: grows at once when one leaves it, shrinks only when most of it is empty."""

    def __init__(self, low: float, high: float, *, floor: float | None = None) -> None:
        self._low, self._high, self._floor = low, high, floor

    def show(self, *curves: np.ndarray) -> list[float]:
        """The range for these values, each curve's spikes left out."""
        ranges = [one for one in map(robust_range, curves) if one is not None]
        if ranges:
            low, high = min(low for low, _ in ranges), max(high for _, high in ranges)
            span = max(high - low, FLAT * max(abs(low), abs(high)), 1e-6)
            outside = low < self._low or high > self._high
            if outside or span < 0.4 * (self._high - self._low):
                self._low, self._high = _rounded(low - 0.12 * span, high + 0.12 * span)
                if self._floor is not None:
                    self._low = max(self._low, self._floor)
        return [self._low, self._high]


def spikes(curves: list[Curve], low: float, high: float, end: float) -> list[tuple[int, int, float]]:
    """Where curves leave the range [low, high] of an axis of steps [0, end].

    A mark is (step, 1 above or -1 below, value): the one farthest out of those on its side that are close together, at
    most twelve. In the order of how far out they are. Infinite values count, NaN does not.
    """
    beyond = [(values > high) | (values < low) for _, values in curves]
    steps = np.concatenate([np.zeros(0), *(at[where] for (at, _), where in zip(curves, beyond, strict=True))])
    values = np.concatenate([np.zeros(0), *(v[where] for (_, v), where in zip(curves, beyond, strict=True))])
    far = np.maximum(values - high, low - values)
    marks: list[tuple[int, int, float]] = []
    while len(far) and len(marks) < SPIKES:
        i = int(far.argmax())
        side = 1 if values[i] > high else -1
        marks.append((int(steps[i]), side, float(values[i])))
        rest = (np.abs(steps - steps[i]) > NEAR * end) | ((values > high) != (side == 1))
        steps, values, far = steps[rest], values[rest], far[rest]
    return marks


def _rounded(low: float, high: float) -> tuple[float, float]:
    """Out to the next tick, of 1, 2 or 5 times a power of ten, about a tenth of the span."""
    power = 10.0 ** math.floor(math.log10((high - low) / 10))
    tick = next(f * power for f in (1, 2, 5, 10) if f * power * 10 >= high - low)
    return math.floor(low / tick) * tick, math.ceil(high / tick) * tick


class ColourScale:
    """The half-width of a symmetric colour scale around a middle; follows the critic slowly."""

    PACE = 0.08  # of the way at each frame

    def __init__(self) -> None:
        self._reach: float | None = None

    def show(self, values: np.ndarray, middle: float) -> float:
        """The scale for these values: their 98 % quantile of |value - middle|, smoothed over frames."""
        reach = max(float(np.quantile(np.abs(values - middle), 0.98)), 1e-6)
        if self._reach is not None and reach < 4 * self._reach:
            reach = self._reach * (reach / self._reach) ** self.PACE
        self._reach = reach
        return reach


class ProbabilityScale:
    """The half-width of a colour scale around 1/2: the largest step that the critic fills, changed seldom."""

    STEPS = (0.05, 0.1, 0.2, 0.5)

    def __init__(self) -> None:
        self._reach = self.STEPS[-1]

    def show(self, values: np.ndarray) -> float:
        """The scale for these probabilities, so that a critic that is nearly lost is still seen to lean."""
        reach = float(np.quantile(np.abs(values - 0.5), 0.98))
        if reach > self._reach or reach < 0.3 * self._reach:
            self._reach = next((step for step in self.STEPS if reach <= step / 1.2), self.STEPS[-1])
        return self._reach
