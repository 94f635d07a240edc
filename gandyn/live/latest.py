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

_NONE = (math.nan, math.nan)
_GAP = [READ.index("f"), READ.index("f_k")]


class Latest:
    """The source `latest` of one GAN. A probe's look-ahead takes as long as everything else of a frame, so its gap is
    renewed with the curves alone and stands at a step of its own.
    """

    def __init__(self) -> None:
        self._probed = (-1, *_NONE)  # the step of the last look-ahead, f and f_k

    def show(
        self,
        experiment: Experiment,
        state: State,
        metrics: Mapping[str, float],
        measures: Mapping[str, Any],
        past: tuple[np.ndarray, np.ndarray],
        *,
        probe: bool,
    ) -> list[Column]:
        """The step, a value for the end of every curve, NaN where there is none, and `probed`: the step of f, f_k, gap.

        `metrics`: of the step that led to the state; `measures`: of its samples; `past`: (at [n], readings [n, READ]).
        """
        known = _known_objectives(experiment, state, metrics, past)
        if known is not None:
            self._probed = (state.step, *known)
        elif probe or self._probed[0] > state.step:
            f, f_k = probe_gaps(experiment, state, [experiment.seed], experiment.probe_unroll)
            self._probed = (state.step, float(f), float(f_k))
        probed, f, f_k = self._probed
        values = {
            "critic": metrics.get("critic_loss"), "generator": metrics.get("generator_loss"),
            "f_k": f_k, "gap": f - f_k,
            **{name: measures.get(name) for name in ("covered", "hq", "sw2")},
        }  # fmt: skip
        numbers = {name: math.nan if value is None else value for name, value in values.items()}
        all_columns = {"step": state.step, "probed": probed, **numbers}
        return [column("latest", name, [value]) for name, value in all_columns.items()]


def _known_objectives(
    experiment: Experiment, state: State, metrics: Mapping[str, float], past: tuple[np.ndarray, np.ndarray]
) -> tuple[float, float] | None:
    """(f, f_k) at the state, of its own step where the rule looks ahead, elsewhere what the training's probe has read
    there; None where it has read nothing."""
    if experiment.rule.unroll_g:
        # A step made before the rule looked ahead has no gap.
        return (metrics["f"], metrics["f_k"]) if metrics.get("gap") else _NONE
    at, readings = past
    if len(at) and at[-1] == state.step and not np.isnan(known := readings[-1, _GAP]).any():
        return float(known[0]), float(known[1])
    return None
