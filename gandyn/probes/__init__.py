"""Windows onto a run: each file registers one probe, from a State to arrays that are drawn or measures."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import NamedTuple

import numpy as np

from gandyn.core.decay import decays, knobs_at
from gandyn.core.experiment import Experiment
from gandyn.core.registry import Registry, callable_package
from gandyn.core.rng import Rng
from gandyn.core.types import State

Arrays = dict[str, np.ndarray]


class Probe(NamedTuple):
    """A pure function of a run's moment, with what a menu needs to offer it.

    It is called as probe(experiment, state, rng, **options) -> arrays by name; `compute`'s docstring gives their
    shapes and its options. The same rng gives the same latents and real samples, so a view that hands over the
    same one at every frame sees samples move instead of flicker. Learning rates that decay are those of that moment.
    """

    name: str
    title: str  # what it shows, in a few words
    compute: Callable[..., Arrays]

    def __call__(self, experiment: Experiment, state: State, rng: Rng, **options: object) -> Arrays:
        if decays(experiment.knobs):
            experiment = replace(experiment, knobs=knobs_at(experiment.knobs, state.step))
        return self.compute(experiment, state, rng, **options)


PROBES: Registry[Probe] = Registry("probe", __name__)
callable_package(__name__, lambda: PROBES)
