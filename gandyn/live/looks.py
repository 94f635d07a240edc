"""What is measured of a run while somebody looks, and remembered: of the GAN on the stage, or of all its lanes."""

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
from gandyn.live.series import thin
from gandyn.probes.reference import floor

MEASURED = 2500  # samples
DIRECTIONS = 64  # of the sliced distance while it runs
KEPT = 4096  # looks; then every second is dropped


class Sight(NamedTuple):
    """What a person sees of a run with lanes: the one on the stage, and whether the others beside it."""

    lane: int = 0
    many: bool = False


class Look(NamedTuple):
    """The measures of one step and the gap's probe (f, f_k), by lane: none of a lane that is lost or was not seen."""

    step: int
    measured: dict[int, dict[str, Any]]
    gap: dict[int, tuple[float, float]]


class Looks:
    """The looks at a run so far, in the order of their steps."""

    def __init__(self) -> None:
        self._looks: list[Look] = []

    @property
    def last(self) -> Look:
        """The latest."""
        return self._looks[-1]

    def take(self, run: Run, experiment: Experiment, state: State, sight: Sight) -> None:
        """Look now; what was seen of this step and of later ones is forgotten."""
        seen = range(run.lanes or 1) if sight.many else [sight.lane]
        single = {i: (experiment, state) if run.lanes is None else select_lane(experiment, state, i) for i in seen}
        measured = {
            i: judged(*single[i], Rng(single[i][0].seed), MEASURED, DIRECTIONS, whole=i == sight.lane) for i in seen
        }
        for values in measured.values():
            if "sw2" in values:
                values["sw2_floor"] = floor(experiment.target, MEASURED, DIRECTIONS)
        self._looks = [look for look in self._looks if look.step < state.step]
        if len(self._looks) >= KEPT:
            self._looks = self._looks[::2]
        self._looks.append(Look(state.step, measured, _gaps(run, single, sight)))

    def thinned(self, most: int) -> list[Look]:
        """At most about `most` of them."""
        return [self._looks[i] for i in thin(np.array([look.step for look in self._looks]), most)]


def _gaps(run: Run, single: dict[int, tuple[Experiment, State]], sight: Sight) -> dict[int, tuple[float, float]]:
    """By lane; none while the rule looks ahead itself, since that gap is among the series."""
    experiment, state = single[sight.lane]
    if experiment.rule.unroll:
        return {}
    if sight.many and run.lanes:
        f, f_k = probe_gaps(run.experiment, run.state, run.seeds, experiment.probe_unroll)
        return dict(enumerate(zip(f.tolist(), f_k.tolist(), strict=True)))
    batch = draw_batches(experiment, Rng(experiment.seed, state.step), state.g.dtype, state.g.device)[-1]
    pair = probe_gap(experiment.game, experiment.rule, state, batch, experiment.knobs, experiment.probe_unroll)
    return {sight.lane: pair}


def table(looks: Iterable[Look], name: str, lanes: int) -> np.ndarray:
    """One measure at every look [n, lanes], NaN where there is none."""
    rows = [[look.measured.get(i, {}).get(name, np.nan) for i in range(lanes)] for look in looks]
    return np.array(rows, np.float64).reshape(-1, lanes)


def gap_table(looks: Iterable[Look], lanes: int) -> np.ndarray:
    """f, f_k and gap at every look [n, 3, lanes], NaN where there is none."""
    nothing = (np.nan, np.nan)
    rows = [[look.gap.get(i, nothing) for i in range(lanes)] for look in looks]
    f, f_k = np.array(rows, np.float64).reshape(-1, lanes, 2).transpose(2, 0, 1)
    return np.stack([f, f_k, f - f_k], 1)
