"""What the steps of a line took, in gradients: evaluations of the field (`Rule.gradients`), summed over its changes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from gandyn.timeline.line import Line


class Piece(NamedTuple):
    """Steps that take equally many gradients each: from `step` on, before which `spent` were."""

    step: int
    spent: float
    each: float


def pieces(line: Line, stop: int | None = None) -> list[Piece]:
    """The pieces of a line and its parents, the last without end: as many as there are changes of a step's cost up to
    `stop` (default: its last step).

    The steps before the first of all, where it was not begun at step 0, count as those after it.
    """
    step, stop = line.path()[0].start, line.stop if stop is None else stop
    every = [Piece(0, 0.0, line.at(step).rule.gradients)]
    while step <= stop:
        each, (since, spent, before) = line.at(step).rule.gradients, every[-1]
        if each != before:
            every.append(Piece(step, spent + (step - since) * before, each))
        if step == stop:
            break
        step = min(stop, step + line.until(step))
    return every


def spent(cost: Sequence[Piece], steps: np.ndarray) -> np.ndarray:
    """The gradients [n] that it took up to and with these steps [n]."""
    since, before, each = (np.array(column, float) for column in zip(*cost, strict=True))
    of = np.searchsorted(since, steps, side="right") - 1
    return before[of] + (steps - since[of]) * each[of]
