"""Ranges that stay put: an axis or a colour scale that moves with every frame cannot be read."""

from __future__ import annotations

import math

import numpy as np

from gandyn.probes.window import round_up


class StepAxis:
    """[0, end] for the steps seen so far; grows in round jumps."""

    def __init__(self) -> None:
        self.end = 200.0

    def show(self, step: int) -> list[float]:
        """The range that has room for `step`."""
        if step > self.end:
            self.end = round_up(step * 1.5)
        return [0.0, self.end]


class ValueAxis:
    """The range of a curve: grows at once when the curve leaves it, shrinks only when most of it is empty."""

    def __init__(self, low: float, high: float, *, floor: float | None = None) -> None:
        self._low, self._high, self._floor = low, high, floor

    def show(self, *curves: np.ndarray) -> list[float]:
        """The range for these values; single spikes beyond the 0.5 % quantiles are cut off."""
        values = np.concatenate([c[np.isfinite(c)] for c in curves]) if curves else np.zeros(0)
        if len(values) > 1:
            low, high = (float(q) for q in np.quantile(values, [0.005, 0.995]))
            span = max(high - low, 1e-3 * max(abs(low), abs(high)), 1e-6)
            outside = low < self._low or high > self._high
            if outside or span < 0.4 * (self._high - self._low):
                self._low, self._high = _rounded(low - 0.12 * span, high + 0.12 * span)
                if self._floor is not None:
                    self._low = max(self._low, self._floor)
        return [self._low, self._high]


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
