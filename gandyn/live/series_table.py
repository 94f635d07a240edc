"""The series of runs as one table: a row a step, as the runs keep them and not as a page has thinned them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from gandyn.core.types import Metrics
from gandyn.live.run import Run
from gandyn.timeline.readings import READ
from gandyn.timeline.series import COLUMNS
from gandyn.timeline.spent import Piece, pieces, spent

#: measures that are read on a grid of steps, under their names; those of the probe's look-ahead have names of their own
MEASURED = {name: {"f": "probe_f", "f_k": "probe_f_k"}.get(name, name) for name in READ}
GAP = "probe_gap"  # probe_f - probe_f_k
Table = dict[str, np.ndarray]  # columns by name; a number that is not there is NaN


class Kept(NamedTuple):
    """The series of one run as they are now."""

    label: str  # which of several it is
    seeds: list[int]
    steps: np.ndarray  # [n]
    rows: np.ndarray  # [n, COLUMNS, seeds]
    at: np.ndarray  # [m]: the steps of the readings
    readings: np.ndarray  # [m, READ, seeds]
    cost: list[Piece]


def kept(run: Run, label: str = "") -> Kept:
    """Copies of the series of a run; called by the thread that steps it."""
    (steps, rows), (at, readings) = run.history(), run.readings()
    rows = rows.reshape(len(rows), len(COLUMNS), len(run.seeds))
    return Kept(label, run.seeds, steps, rows, at, readings, pieces(run.timeline.line))


def table(runs: Sequence[Kept]) -> Table:
    """`step`, the `gradients` that it took up to there, the metrics of every step, the measures where they were read; a
    row for each step of each GAN in turn.

    Before them `run` where there are several runs, `seed` where there are several GANs of one. Without columns that
    hold nothing, as measures that the target does not have.
    """
    pieces = [_of_one(run, lane) for run in runs for lane in range(len(run.seeds))]
    whole = {name: np.concatenate([piece[name] for piece in pieces]) for name in pieces[0]}
    if len(runs) < 2:
        del whole["run"]
    if all(len(run.seeds) == 1 for run in runs):
        del whole["seed"]
    return {name: column for name, column in whole.items() if column.dtype != np.float64 or not _is_empty(name, column)}


def _is_empty(name: str, column: np.ndarray) -> bool:
    return name not in ("gradients", *Metrics._fields) and bool(np.isnan(column).all())


def _of_one(run: Kept, lane: int) -> Table:
    every = np.union1d(run.steps, run.at)
    columns: Table = {
        "run": np.full(len(every), run.label, object),
        "seed": np.full(len(every), run.seeds[lane], np.int64),
        "step": every.astype(np.int64),
        "gradients": spent(run.cost, every),
    }
    for names, steps, values in ((COLUMNS, run.steps, run.rows), (MEASURED.values(), run.at, run.readings)):
        places = np.searchsorted(every, steps)
        for i, name in enumerate(names):
            columns[name] = np.full(len(every), np.nan)
            columns[name][places] = values[:, i, lane]
    columns[GAP] = columns["probe_f"] - columns["probe_f_k"]
    return columns
