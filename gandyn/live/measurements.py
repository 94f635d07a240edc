"""Measurements of a run while somebody watches, kept as time series: of the selected GAN, or of all its lanes."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple

import numpy as np

from gandyn.core.dynamics import probe_gap
from gandyn.core.experiment import Experiment
from gandyn.core.lanes import select_lane
from gandyn.core.play import draw_batches
from gandyn.core.rng import Rng
from gandyn.core.types import State
from gandyn.live.many import judged, probe_gaps
from gandyn.live.run import Run
from gandyn.probes.reference import floor
from gandyn.timeline.series import thin

MEASURED = 2500  # samples
DIRECTIONS = 64  # of the sliced distance while it runs
KEPT = 4096  # measurements; then every second is dropped


class Selection(NamedTuple):
    """Which lanes of a run a viewer has selected: the one on the stage, and whether all others are drawn beside it."""

    lane: int = 0
    many: bool = False


class Measurement(NamedTuple):
    """The measures at one step and the gap's probe (f, f_k), by lane: none of a lost or unselected lane.

    `many`: all lanes were selected, so quantiles over them may be taken.
    """

    step: int
    measured: dict[int, dict[str, Any]]
    gap: dict[int, tuple[float, float]]
    many: bool


class Measurements:
    """The time series of a run's measurements so far, in the order of their steps."""

    def __init__(self) -> None:
        self._measurements: list[Measurement] = []

    @property
    def last(self) -> Measurement:
        """The latest."""
        return self._measurements[-1]

    def take(self, run: Run, experiment: Experiment, state: State, selection: Selection) -> None:
        """Measure the state and append it; measurements of this step and of later ones are dropped."""
        lanes = range(run.lanes or 1) if selection.many else [selection.lane]
        single = {i: (experiment, state) if run.lanes is None else select_lane(experiment, state, i) for i in lanes}
        measured = {
            i: judged(*single[i], Rng(single[i][0].seed), MEASURED, DIRECTIONS, whole=i == selection.lane)
            for i in lanes
        }
        for values in measured.values():
            if "sw2" in values:
                values["sw2_floor"] = floor(experiment.target, MEASURED, DIRECTIONS)
        self._measurements = [one for one in self._measurements if one.step < state.step]
        if len(self._measurements) >= KEPT:
            self._measurements = self._measurements[::2]
        self._measurements.append(Measurement(state.step, measured, _gaps(run, single, selection), selection.many))

    def thinned(self, most: int) -> list[Measurement]:
        """At most about `most` of them."""
        return [self._measurements[i] for i in thin(np.array([one.step for one in self._measurements]), most)]


def _gaps(
    run: Run, single: dict[int, tuple[Experiment, State]], selection: Selection
) -> dict[int, tuple[float, float]]:
    """f and f_k by lane; none while the rule itself looks ahead, since that gap is among the series."""
    experiment, state = single[selection.lane]
    if experiment.rule.unroll:
        return {}
    if selection.many and run.lanes:
        f, f_k = probe_gaps(run.experiment, run.state, run.seeds, experiment.probe_unroll)
        return dict(enumerate(zip(f.tolist(), f_k.tolist(), strict=True)))
    batch = draw_batches(experiment, Rng(experiment.seed, state.step), state.g.dtype, state.g.device)[-1]
    pair = probe_gap(experiment.game, experiment.rule, state, batch, experiment.knobs, experiment.probe_unroll)
    return {selection.lane: pair}


def table(measurements: Iterable[Measurement], name: str, lanes: int) -> np.ndarray:
    """One measure at every measurement [n, lanes], NaN where there is none."""
    rows = [[one.measured.get(i, {}).get(name, np.nan) for i in range(lanes)] for one in measurements]
    return np.array(rows, np.float64).reshape(-1, lanes)


def gap_table(measurements: Iterable[Measurement], lanes: int) -> np.ndarray:
    """f, f_k and gap at every measurement [n, 3, lanes], NaN where there is none."""
    nothing = (np.nan, np.nan)
    rows = [[one.gap.get(i, nothing) for i in range(lanes)] for one in measurements]
    f, f_k = np.array(rows, np.float64).reshape(-1, lanes, 2).transpose(2, 0, 1)
    return np.stack([f, f_k, f - f_k], 1)
