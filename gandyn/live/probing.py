"""A probe at a moment of a run: its arrays as columns and numbers for the page, or why there are none."""

from __future__ import annotations

import math
import time
from collections.abc import Mapping

import numpy as np

from gandyn.core.experiment import Experiment
from gandyn.core.lanes import is_finite
from gandyn.core.rng import Rng
from gandyn.core.types import State
from gandyn.live.frame import Column, column, image
from gandyn.live.schema import StudyHead
from gandyn.probes import PROBES, Arrays, InTurns

Chosen = Mapping[str, str]  # what a person has chosen of a view, by the names of the probe's options
NOTHING: Chosen = {}


def run_probe(
    name: str,
    experiment: Experiment,
    state: State,
    chosen: Chosen = NOTHING,
    work: InTurns | None = None,
    until: float = math.inf,
) -> tuple[StudyHead, tuple[Column, ...], InTurns | None]:
    """The probe's arrays as columns and its 0-d ones as numbers; where it fails or refuses, why.

    After a turn of a probe that takes several, what there is so far and the work of the next turn; None: that is all.
    `work`: what the turn before has left; `until`: when this one ends, by time.thread_time.
    """
    if not bool(is_finite(state)):
        why = f"At step {state.step:,} the weights are not finite: go back in time."
        return StudyHead(state.step, problem=why), (), None
    try:
        with np.errstate(over="ignore", invalid="ignore"):
            probe, rng = PROBES[name], Rng(experiment.seed)
            work = work or probe.begin(experiment, state, rng, **chosen)
            if work is None:
                return *packed(name, state.step, probe(experiment, state, rng, **chosen)), None
            while not work.complete:
                work.go_on()
                if time.thread_time() >= until:
                    break
            return *packed(name, state.step, work.arrays()), None if work.complete else work
    except ValueError as error:  # what a probe says where it has nothing to show
        why = str(error)
    except Exception as error:  # noqa: BLE001  whatever a probe raises becomes a line, the server goes on
        why = f"It failed: {type(error).__name__}: {error}"
    return StudyHead(state.step, problem=why.splitlines()[0] if why else "It failed."), (), None


def packed(name: str, step: int, arrays: Arrays) -> tuple[StudyHead, tuple[Column, ...]]:
    """Arrays [n] and, in 256 levels, [n, m] as columns of the source `name`; 0-d ones, also texts, as numbers."""
    numbers = {key: value.item() for key, value in arrays.items() if value.ndim == 0}
    columns = []
    for key, value in arrays.items():
        if value.ndim == 2 and np.isfinite(value).all():
            columns.append(image(name, value)._replace(name=key))
        elif value.ndim:
            columns.append(column(name, key, value))
    plain: dict[str, float | str | None] = {}
    plain |= {key: one if isinstance(one, str) else float(one) for key, one in numbers.items()}
    return StudyHead(step, plain), tuple(columns)
