"""Windows onto a run: each file registers one probe, from a State to arrays that are drawn or measures."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import NamedTuple, Protocol

import numpy as np

from gandyn.core.decay import decays, knobs_at
from gandyn.core.experiment import Experiment
from gandyn.core.registry import Registry, callable_package
from gandyn.core.rng import Rng
from gandyn.core.types import State

Arrays = dict[str, np.ndarray]


class InTurns(Protocol):
    """A computation that goes on over several turns, since it takes longer than one may."""

    @property
    def complete(self) -> bool:
        """Whether there is nothing more to do."""
        ...

    def go_on(self) -> None:
        """A part of it: some hundredths of a second, half a second at most."""

    def arrays(self) -> Arrays:
        """What it has found so far, in the form of the whole."""
        ...


class Probe(NamedTuple):
    """A pure function of a run's moment, with what a menu needs to offer it.

    It is called as probe(experiment, state, rng, **options) -> arrays by name; `compute`'s docstring gives their
    shapes and its options. The same rng gives the same latents and real samples, so a view that hands over the
    same one at every frame sees samples move instead of flicker. Learning rates that decay are those of that moment.
    """

    name: str
    title: str  # what it shows, in a few words
    compute: Callable[..., Arrays]
    in_turns: Callable[..., InTurns] | None = None  # the same, to be computed over several turns

    def __call__(self, experiment: Experiment, state: State, rng: Rng, **options: object) -> Arrays:
        return self.compute(_at(experiment, state), state, rng, **options)

    def begin(self, experiment: Experiment, state: State, rng: Rng, **options: object) -> InTurns | None:
        """Begin it, where it is computed over several turns; None where it is not."""
        return None if self.in_turns is None else self.in_turns(_at(experiment, state), state, rng, **options)


def _at(experiment: Experiment, state: State) -> Experiment:
    if not decays(experiment.knobs):
        return experiment
    return replace(experiment, knobs=knobs_at(experiment.knobs, state.step))


PROBES: Registry[Probe] = Registry("probe", __name__)
callable_package(__name__, lambda: PROBES)
