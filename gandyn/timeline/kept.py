"""States of the past that are kept, within a budget: dense near where the run stands, thinner further back."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, NamedTuple

from gandyn.core.bounds import MEGABYTE
from gandyn.core.trees import tensors
from gandyn.core.types import Metrics, State

if TYPE_CHECKING:
    from gandyn.timeline.line import Line

BUDGET = 64 * MEGABYTE  # of the states that are kept
OBJECT = 640  # bytes of a tensor beside its numbers, with its share of the tuples: 550 and 90 were measured
SLACK = 0.1  # of the budget, freed at once


class Moment(NamedTuple):
    """A state, and the metrics of the step that led to it (None at the first)."""

    state: State
    metrics: Metrics | None

    def values(self) -> dict[str, Any]:
        """The metrics by name: floats, arrays [N] with lanes; empty at the first."""
        named = {} if self.metrics is None else self.metrics._asdict()
        values = {name: value.double().cpu().numpy() for name, value in named.items()}
        return {name: value if value.ndim else float(value) for name, value in values.items()}


def size(moment: Moment) -> int:
    """The bytes that it takes: its numbers, and the tensors that hold them, which of small networks are most of it."""
    return sum(OBJECT + tensor.numel() * tensor.element_size() for tensor in tensors(moment))


class Keeper:
    """Keeps moments on their lines; where they take more than `budget` bytes together, the least missed ones go.

    Those are the ones whose neighbours are nearest to each other, in relation to their distance from where the run
    stands or from the end of their line: what is left lies at distances that grow by a constant factor, so the steps
    that have to be made again to come to any step are a constant share of that distance.
    """

    def __init__(self, budget: int) -> None:
        self.budget = budget
        self.used = 0
        self._lines: list[Line] = []

    def keep(self, line: Line, moment: Moment) -> None:
        """Keep this moment of that line; `moment.state` is where the run stands."""
        step = moment.state.step
        place = bisect_left(line.kept, step, key=lambda one: one.state.step)
        if self.budget <= 0 or (place < len(line.kept) and line.kept[place].state.step == step):
            return
        line.kept.insert(place, moment)
        if line not in self._lines:
            self._lines.append(line)
        self.used += size(moment)
        if self.used > self.budget:
            self._thin(step)

    def fit(self, budget: int, now: int) -> None:
        """Keep within another budget from now on; `now`: the step at which the run stands."""
        self.budget = budget
        if self.used > budget:
            self._thin(now)

    def recount(self) -> None:
        """After a line was cut."""
        self.used = sum(size(moment) for line in self._lines for moment in line.kept)

    def count(self) -> int:
        """How many moments are kept."""
        return sum(len(line.kept) for line in self._lines)

    def _thin(self, now: int) -> None:
        """Let the least missed go, a tenth of the budget at once, and of two neighbours only one."""
        wanted = (1 - SLACK) * self.budget
        dropped: set[tuple[int, int]] = set()
        scored = [(score, n, i) for n, line in enumerate(self._lines) for i, score in enumerate(_scores(line, now))]
        for _, n, i in sorted(scored)[: len(scored) - 1]:  # one is left, however large
            if self.used <= wanted:
                break
            if (n, i - 1) not in dropped and (n, i + 1) not in dropped:
                dropped.add((n, i))
                self.used -= size(self._lines[n].kept[i])
        for n, line in enumerate(self._lines):
            line.kept = [moment for i, moment in enumerate(line.kept) if (n, i) not in dropped]
        if dropped and self.used > self.budget:
            self._thin(now)


def _scores(line: Line, now: int) -> Iterable[float]:
    """How much each of its moments would be missed."""
    steps = [moment.state.step for moment in line.kept]
    around = [line.start, *steps, line.stop + 1]
    for i, step in enumerate(steps):
        distance = min(abs(now - step), line.stop - step) + 1
        yield (around[i + 2] - around[i]) / distance


def nearest(line: Line, step: int) -> Moment | None:
    """The last kept moment that is not after `step`, on this line and its parents."""
    limit = step
    for one in reversed(line.path()):
        place = bisect_left(one.kept, limit + 1, key=lambda moment: moment.state.step)
        if place:
            return one.kept[place - 1]
        limit = min(limit, one.start)
    return None


def kept_until(line: Line, step: int) -> list[tuple[Line, Moment]]:
    """The moments that are kept of the way to step `step` of this line, in order, each with the line that made it."""
    pieces: list[list[tuple[Line, Moment]]] = []
    for one in reversed(line.path()):
        pieces.insert(0, [(one, moment) for moment in tuple(one.kept) if moment.state.step <= step])
        step = min(step, one.start)  # what a parent made after the fork is on another way
    return [moment for piece in pieces for moment in piece]
