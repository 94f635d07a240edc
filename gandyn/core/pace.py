"""How many steps go into one call of the stepping loop, from how long the last ones took. No number depends on it."""

from __future__ import annotations

import math

from gandyn.core.types import Rule

MOST = 512  # steps of a call
GROWTH = 8  # times the last call's steps, at most: what a step costs is not known before the first


class Pace:
    """Calls of about `seconds` each: short enough that whoever steers a run need not wait for it."""

    def __init__(self, seconds: float) -> None:
        self._wanted = seconds
        self._rule: Rule | None = None
        self._steps, self._each = 0, math.inf  # of the last call, and seconds of one of its steps

    def steps(self, rule: Rule, most: int, left: float = math.inf) -> int:
        """How many of `most` >= 1 steps the next call makes, with `left` seconds to go; under a new rule one first."""
        if rule != self._rule:
            self._rule, self._steps, self._each = rule, 0, math.inf
        fitting = min(self._wanted, max(left, 0.0)) / max(self._each, 1e-9)
        return max(1, min(most, MOST, GROWTH * self._steps, int(fitting)))

    def took(self, steps: int, seconds: float) -> None:
        """So long that call took."""
        self._steps, self._each = steps, seconds / steps
