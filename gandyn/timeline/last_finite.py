"""The last finite state of a run whose numbers overflow: where it stands then."""

from __future__ import annotations

from collections.abc import Callable

from gandyn.core.experiment import Experiment
from gandyn.core.lanes import is_finite
from gandyn.core.types import Metrics, State

CHECK = 64  # steps between checks that the state is finite: one synchronisation each
Next = Callable[[State, Experiment, int], tuple[State, Metrics]]  # so many steps from a state under an experiment


class Diverged(ArithmeticError):
    """The parameters stopped being finite; the timeline stands at the last state that is."""


class LastFinite:
    """The last state that was seen to be finite, and what made the steps since."""

    def __init__(self, state: State) -> None:
        self.state = state
        self._since: list[tuple[Experiment, int]] = []

    def is_due(self, experiment: Experiment, steps: int) -> bool:
        """Note that so many steps more were made under this experiment; whether a check is due."""
        self._since.append((experiment, steps))
        return sum(count for _, count in self._since) >= CHECK

    def holds(self, state: State, following: Next) -> bool:
        """Whether this state, which those steps led to, is finite; it is the last one then.

        If it is not, they are walked again from the last one on, step by step, up to the last finite state.
        """
        walked, self._since = self._since, []
        if _finite(state):
            self.state = state
            return True
        for now in (now for now, count in walked for _ in range(count)):
            after, _ = following(self.state, now, 1)
            if not _finite(after):
                break
            self.state = after
        return False


def _finite(state: State) -> bool:
    """Whether it is finite; with lanes, whether one of them is: the others go on without those that are lost."""
    return bool(is_finite(state).any())
