"""How good the samples are while a run goes on: what probes add to its metrics."""

from __future__ import annotations

from typing import Any

from gandyn.core.experiment import Experiment
from gandyn.core.rng import Rng
from gandyn.core.types import State
from gandyn.probes.measures import measure_state


def measured(now: Experiment, state: State) -> dict[str, Any]:
    """The measures of points in the plane or on a line; nothing for images."""
    if now.target.shape not in ((1,), (2,)):
        return {}
    return dict(measure_state(now, state, Rng(now.seed)))
