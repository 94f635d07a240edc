"""How good the samples are while a run goes on: what probes add to its metrics."""

from __future__ import annotations

from typing import Any

from gandyn.core.experiment import Experiment
from gandyn.core.rng import Rng
from gandyn.core.types import State
from gandyn.probes.measures import measure_state
from gandyn.records.digits.evaluation import watch
from gandyn.targets.mnist import Mnist


def measured(now: Experiment, state: State) -> dict[str, Any]:
    """The measures of points in the plane or on a line; of digits, `frechet`, `classes` and `confident`."""
    if isinstance(now.target, Mnist):
        return watch(now.target, now, state)
    return dict(measure_state(now, state, Rng(now.seed)))
