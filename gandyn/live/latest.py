"""The latest reading: what each curve measures of the very state on the stage, apart from what the training sampled."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np

from gandyn.core.experiment import Experiment
from gandyn.core.types import State
from gandyn.live.frame import Column, column
from gandyn.timeline.readings import READ, probe_gaps


def latest(
    experiment: Experiment,
    state: State,
    metrics: Mapping[str, float],
    measures: Mapping[str, Any],
    past: tuple[np.ndarray, np.ndarray],
) -> list[Column]:
    """The source `latest` of one GAN: its step, and a value for the end of every curve, NaN where there is none.

    `metrics`: of the step that led to the state; `measures`: of its samples; `past`: (at [n], readings [n, READ]).
    """
    f, f_k = _objectives(experiment, state, metrics, past)
    values = {
        "critic": metrics.get("critic_loss"), "generator": metrics.get("generator_loss"), "f_k": f_k, "gap": f - f_k,
        **{name: measures.get(name) for name in ("covered", "hq", "sw2")},
    }  # fmt: skip
    numbers = {name: math.nan if value is None else value for name, value in values.items()}
    return [column("latest", name, [value]) for name, value in {"step": state.step, **numbers}.items()]


def _objectives(
    experiment: Experiment, state: State, metrics: Mapping[str, float], past: tuple[np.ndarray, np.ndarray]
) -> tuple[float, float]:
    """(f, f_k) at the state: of its own step where the rule looks ahead, the probe's elsewhere, as in the curve."""
    if experiment.rule.unroll:
        # A step made before the rule looked ahead has no gap.
        return (metrics["f"], metrics["f_k"]) if metrics.get("gap") else (math.nan, math.nan)
    at, readings = past
    if len(at) and at[-1] == state.step and not np.isnan(known := readings[-1, READ.index("f") :]).any():
        return float(known[0]), float(known[1])
    f, f_k = probe_gaps(experiment, state, [experiment.seed], experiment.probe_unroll)
    return float(f), float(f_k)
