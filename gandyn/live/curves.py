"""The curves beside the stage: the run's own series and readings, as columns and ranges."""

from __future__ import annotations

import itertools
import time
from typing import Any

import numpy as np

from gandyn.core.experiment import Experiment
from gandyn.core.types import State
from gandyn.live.bands import bands
from gandyn.live.differences import in_words
from gandyn.live.frame import Column, column
from gandyn.live.many import Selection
from gandyn.live.ranges import Curve, StepAxis, ValueAxis, spikes
from gandyn.live.run import Run
from gandyn.probes.reference import mixture_of
from gandyn.probes.short_number import short_number
from gandyn.timeline.readings import READ
from gandyn.timeline.series import COLUMNS, thin
from gandyn.timeline.spent import pieces

PERIOD = 0.16  # seconds between two renewals: they are the larger part of a frame's bytes
POINTS, POINTS_MANY = 800, 400  # of a curve, and of a band
MARKS = 40
AHEAD = "_ahead"  # what the name of a source ends with that holds what is kept beyond the step at which the run stands
#: source of a measure: its column, the reading
MEASURES = {
    "modes": {"covered": "covered", "hq": "hq"},
    "distance": {"sw2": "sw2", "floor": "sw2_floor"},
}
LOSSES = [COLUMNS.index(name) for name in ("critic_loss", "generator_loss")]
#: axis of the bands of a measure: the measure, for targets with modes and for the others
BY_MODES, BY_DISTANCE = {"modes": "covered", "quality": "hq"}, {"distance": "sw2"}


Series = tuple[np.ndarray, np.ndarray]  # steps [n], and rows of values
_IDS = itertools.count(1)  # of what was drawn, of any run: a viewer knows by it what it has


class Curves:
    """Columns and ranges of the series views, renewed a few times a second."""

    def __init__(self, ahead: bool = True) -> None:
        """`ahead`: also what is kept beyond the step at which the run stands."""
        self.id = 0
        self._ahead = ahead
        self.columns: list[Column] = []
        self.header: dict[str, Any] = {}
        self._due = 0.0
        self._of: tuple[object, object] = (None, None)
        self._selection = Selection()
        self._steps, self._line = StepAxis(), None
        self._axes = {"losses": ValueAxis(-2, 2), "gap": ValueAxis(-0.1, 2), "distance": ValueAxis(0, 1, floor=0)}

    def update(
        self,
        run: Run,
        experiment: Experiment,
        state: State,
        *,
        settled: bool,
        selection: Selection = Selection(),  # noqa: B008
    ) -> bool:
        """Renew them if it is time, or at once if the run stands still (`settled`) and is new or if another GAN was
        selected; whether it did. What they hold does not depend on when they are renewed.
        """
        now = time.monotonic()
        turned = selection != self._selection
        new = state is not self._of[0] or experiment is not self._of[1] or turned
        if not new or (now < self._due and not settled and not turned):
            return False
        self._of, self._selection = (state, experiment), selection
        self._due = now + PERIOD
        self._draw(run, experiment, state, selection)
        self.id = next(_IDS)
        return True

    def _draw(self, run: Run, experiment: Experiment, state: State, selection: Selection) -> None:
        line, mixture = run.timeline.line, mixture_of(experiment.target)
        self._has = "sw2" if mixture is None else "covered"
        self.columns, drawn, ranged = self._columns(run, selection, run.history(), run.readings())
        if self._ahead and line.stop > state.step:  # axes that do not move while one looks back
            whole, _, ranged = self._columns(run, selection, line.history(line.stop), line.measured(line.stop))
            self.columns += _beyond(whole, state.step)
        if line is not self._line:  # another branch, which may be shorter
            self._line, self._steps = line, StepAxis()
        end = self._steps.show(max(state.step, line.stop))
        axes = {name: axis.show(*ranged[name]) for name, axis in self._axes.items()}
        self.header = {
            "axes": {"step": end, **axes, "modes": [0.0, float(len(mixture.weights))] if mixture else [0.0, 1.0]},
            "spikes": {name: _marked(curves, axes[name], end[1]) for name, curves in drawn.items()},
            "marks": marks(run.events(), end[1]),
            "spent": pieces(line, None if self._ahead else state.step),
            "gap_k": experiment.rule.unroll_g or experiment.probe_unroll,
        }

    def _columns(
        self, run: Run, selection: Selection, history: Series, read_at: Series
    ) -> tuple[list[Column], dict[str, list[Curve]], dict[str, list[np.ndarray]]]:
        """Of a history and its readings the columns, the curves by their axes, and what these shall hold."""
        lanes, (steps, rows), (at, readings) = run.lanes or 1, history, read_at
        rows = rows.reshape(len(rows), len(COLUMNS), lanes)
        one, read = rows[..., selection.lane], readings[..., selection.lane]
        gaps = _gaps(steps, one[..., None], at, read[..., None])
        sources = self._of_one(steps, one, at, read, (gaps[0], gaps[1][..., 0]))
        listed = [
            column(source, name, values) for source, columns in sources.items() for name, values in columns.items()
        ]
        drawn: dict[str, list[Curve]] = {
            "losses": [(steps, one[:, i]) for i in LOSSES] + [(gaps[0], gaps[1][:, 1, 0])],
            "gap": [(gaps[0], gaps[1][:, 2, 0])],
            "distance": [(at, read[:, READ.index(name)]) for name in MEASURES["distance"].values()],
        }
        ranged = {axis: [values for _, values in curves] for axis, curves in drawn.items()}
        if selection.many:
            for name, band_columns in self._of_all(steps, rows, at, readings).items():
                listed += band_columns
                ranged.setdefault(name, []).extend(one.values for one in band_columns if one.name in ("p10", "p90"))
        return listed, drawn, ranged

    def _of_one(
        self,
        steps: np.ndarray,
        rows: np.ndarray,
        at: np.ndarray,
        readings: np.ndarray,
        of_gap: tuple[np.ndarray, np.ndarray],
    ) -> dict[str, dict[str, np.ndarray]]:
        """The sources of the GAN on the stage: {source: {column: values}}."""
        picked, few = thin(steps, POINTS), thin(of_gap[0], POINTS)
        steps, rows, gap_at, gaps = steps[picked], rows[picked], of_gap[0][few], of_gap[1][few]
        by_name = dict(zip(COLUMNS, rows.T, strict=True))
        known = ~np.isnan(gaps).any(1)
        sources = {
            "losses": {"step": steps, "critic": by_name["critic_loss"], "generator": by_name["generator_loss"]},
            "gap": {"step": gap_at[known], **dict(zip(("f", "f_k", "gap"), gaps[known].T, strict=True))},
        }
        picked = thin(at, POINTS)
        for source, keys in MEASURES.items():
            if self._has not in keys.values():
                continue
            by_column = {name: readings[picked, READ.index(key)] for name, key in keys.items()}
            known = ~np.isnan(np.stack(list(by_column.values()))).any(0)
            sources[source] = {"step": at[picked][known], **{name: values[known] for name, values in by_column.items()}}
        return sources

    def _of_all(
        self, steps: np.ndarray, rows: np.ndarray, at: np.ndarray, readings: np.ndarray
    ) -> dict[str, list[Column]]:
        """The bands over the lanes, by the axis on which they are drawn."""
        gap_at, gaps = _gaps(steps, rows, at, readings)
        picked = thin(gap_at, POINTS_MANY)
        by_axis = {"gap": bands("bands_gap", gap_at[picked], gaps[picked, 2])}
        picked = thin(at, POINTS_MANY)
        for axis, key in (BY_MODES if self._has == "covered" else BY_DISTANCE).items():
            by_axis[axis] = bands(f"bands_{key}", at[picked], readings[picked, READ.index(key)])
        return by_axis


def _beyond(columns: list[Column], step: int) -> list[Column]:
    """What of them lies beyond the step, from the last point before on."""
    first = {
        one.source: max(0, int(np.searchsorted(one.values, step, side="right")) - 1)
        for one in columns
        if one.name == "step"
    }
    return [one._replace(source=one.source + AHEAD, values=one.values[first[one.source] :]) for one in columns]


def _gaps(steps: np.ndarray, rows: np.ndarray, at: np.ndarray, readings: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(steps [n], f, f_k and gap [n, 3, lanes]): the rule's own look-ahead where it has one, the probe's elsewhere."""
    ahead = rows[:, COLUMNS.index("unroll"), 0] > 0  # where the rule looks ahead
    columns = [COLUMNS.index(name) for name in ("f", "f_k", "gap")]
    f, f_k = readings[:, READ.index("f")], readings[:, READ.index("f_k")]
    probed = ~np.isnan(f).all(1)
    where = np.concatenate([steps[ahead], at[probed]])
    values = np.concatenate([rows[ahead][:, columns], np.stack([f, f_k, f - f_k], 1)[probed]])
    order = np.argsort(where, kind="stable")
    return where[order], values[order]


def _marked(curves: list[Curve], axis: list[float], end: float) -> list[list[Any]]:
    """[step, side, value as text] for what lies beyond an axis of values; `end`: of the steps."""
    low, high = axis
    return [[step, side, short_number(value)] for step, side, value in spikes(curves, low, high, end)]


def marks(events: list[dict[str, Any]], width: float) -> list[list[Any]]:
    """[step, "k 5"] for every live change; changes close together, as in the drag of a slider, are one mark."""
    merged: list[tuple[int, dict[str, Any]]] = []
    for event in events:
        step, controls = event["step"], event["controls"]
        if merged and step - merged[-1][0] < max(5, 0.01 * width):
            controls = {**merged.pop()[1], **controls}
        merged.append((step, controls))
    return [[step, in_words(controls)] for step, controls in merged[-MARKS:]]
