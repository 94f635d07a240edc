"""The curves beside the stage: the run's own series, and measures taken while somebody watches."""

from __future__ import annotations

import math
import time
from typing import Any

import numpy as np

from gandyn.core.experiment import Experiment
from gandyn.core.types import State
from gandyn.live.bands import bands
from gandyn.live.frame import Column, column
from gandyn.live.measurements import Measurement, Measurements, Selection, gap_table, table
from gandyn.live.ranges import StepAxis, ValueAxis
from gandyn.live.run import Run
from gandyn.timeline.series import COLUMNS, thin

PERIOD = 0.16  # seconds between two measurements
SHARE, SHARE_MANY = 0.05, 0.1  # of the training time that measures may take: of one GAN, and of many
POINTS, POINTS_MANY = 800, 400  # of a curve, and of a band
MARKS = 40
#: source of a measure: its column, the measure
MEASURES = {
    "modes": {"covered": "covered", "hq": "hq"},
    "distance": {"sw2": "sw2", "floor": "sw2_floor"},
}
#: axis of the bands of a measure: the measure, for targets with modes and for the others
BY_MODES, BY_DISTANCE = {"modes": "covered", "quality": "hq"}, {"distance": "sw2"}


class Curves:
    """Columns and ranges of the series views, renewed a few times a second."""

    def __init__(self) -> None:
        self.id = 0
        self.columns: list[Column] = []
        self.header: dict[str, Any] = {}
        self._due = 0.0
        self._measured: tuple[object, object] = (None, None)
        self._selection = Selection()
        self._measurements = Measurements()
        self._steps = StepAxis()
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
        """Measure again if it is time, or at once if the run stands still (`settled`) and is new or if another GAN was
        selected; whether it did.
        """
        now = time.monotonic()
        turned = selection != self._selection
        new = state is not self._measured[0] or experiment is not self._measured[1] or turned
        if not new or (now < self._due and not settled and not turned):
            return False
        self._measured, self._selection = (state, experiment), selection
        started = time.thread_time()
        self._measurements.take(run, experiment, state, selection)
        share = SHARE_MANY if selection.many else SHARE
        self._due = now + max(PERIOD, (time.thread_time() - started) / share)
        self._draw(run, experiment, state, selection)
        self.id += 1
        return True

    def _draw(self, run: Run, experiment: Experiment, state: State, selection: Selection) -> None:
        lanes, (steps, rows) = run.lanes or 1, run.history()
        rows = rows.reshape(len(rows), len(COLUMNS), lanes)
        sources = self._of_one(steps, rows, selection.lane)
        self.columns = [
            column(source, name, values) for source, columns in sources.items() for name, values in columns.items()
        ]
        ranged = {
            source: [v for name, v in columns.items() if name not in ("step", "f", "f_k")]
            for source, columns in sources.items()
        }
        if selection.many:
            for name, band_columns in self._of_all(steps, rows).items():
                self.columns += band_columns
                ranged.setdefault(name, []).extend(one.values for one in band_columns if one.name in ("p10", "p90"))
        axes = {"step": self._steps.show(state.step)}
        axes |= {source: axis.show(*ranged.get(source, [])) for source, axis in self._axes.items()}
        mixture = experiment.target.mixture()
        axes["modes"] = [0.0, float(len(mixture.weights))] if mixture else [0.0, 1.0]
        measured = self._measurements.last.measured
        self.header = {
            "axes": axes,
            "measures": {name: _plain(value) for name, value in measured.get(selection.lane, {}).items()},
            "marks": marks(run.events(), axes["step"][1]),
            "gap_k": experiment.rule.unroll or experiment.probe_unroll,
        }
        if selection.many:
            self.header["covered"] = [measured.get(i, {}).get("covered") for i in range(lanes)]

    def _of_one(self, steps: np.ndarray, rows: np.ndarray, lane: int) -> dict[str, dict[str, np.ndarray]]:
        """The sources of the GAN on the stage: {source: {column: values}}."""
        picked = thin(steps, POINTS)
        steps, rows, measurements = steps[picked], rows[picked], self._measurements.thinned(POINTS)
        by_name = dict(zip(COLUMNS, rows[..., lane].T, strict=True))
        at, gaps = _gaps(steps, rows, measurements)
        gaps = gaps[..., lane]
        measured = ~np.isnan(gaps).any(1)
        sources = {
            "losses": {"step": steps, "critic": by_name["critic_loss"], "generator": by_name["generator_loss"]},
            "gap": {"step": at[measured], **dict(zip(("f", "f_k", "gap"), gaps[measured].T, strict=True))},
        }
        at = np.array([one.step for one in measurements])
        for source, keys in MEASURES.items():
            if not self._has(next(iter(keys.values()))):
                continue
            by_column = {name: table(measurements, key, rows.shape[2])[:, lane] for name, key in keys.items()}
            measured = ~np.isnan(np.stack(list(by_column.values()))).any(0)
            sources[source] = {"step": at[measured], **{name: values[measured] for name, values in by_column.items()}}
        return sources

    def _of_all(self, steps: np.ndarray, rows: np.ndarray) -> dict[str, list[Column]]:
        """The bands over the lanes, by the axis on which they are drawn."""
        picked = thin(steps, POINTS_MANY)
        measurements = [one for one in self._measurements.thinned(POINTS_MANY) if one.many]
        lanes = rows.shape[2]
        at, gaps = _gaps(steps[picked], rows[picked], measurements)
        by_axis = {"gap": bands("bands_gap", at, gaps[:, 2])}
        at = np.array([one.step for one in measurements])
        for axis, key in (BY_MODES if self._has("covered") else BY_DISTANCE).items():
            by_axis[axis] = bands(f"bands_{key}", at, table(measurements, key, lanes))
        return by_axis

    def _has(self, measure: str) -> bool:
        """Whether the target has this measure: the last measurement holds it."""
        return any(measure in values for values in self._measurements.last.measured.values())


def _gaps(steps: np.ndarray, rows: np.ndarray, measurements: list[Measurement]) -> tuple[np.ndarray, np.ndarray]:
    """(steps [n], f, f_k and gap [n, 3, lanes]): the rule's own look-ahead where it has one, the probe's elsewhere."""
    ahead = rows[:, COLUMNS.index("unroll"), 0] > 0  # where the rule looks ahead
    columns = [COLUMNS.index(name) for name in ("f", "f_k", "gap")]
    probed = [one for one in measurements if one.gap]
    at = np.concatenate([steps[ahead], [one.step for one in probed]])
    values = np.concatenate([rows[ahead][:, columns], gap_table(probed, rows.shape[2])])
    order = np.argsort(at, kind="stable")
    return at[order], values[order]


def _plain(value: Any) -> float | int | None:
    return None if value is None or (isinstance(value, float) and not math.isfinite(value)) else value


def marks(events: list[dict[str, Any]], width: float) -> list[list[Any]]:
    """[step, "unroll 5"] for every live change; changes close together, as in the drag of a slider, are one mark."""
    merged: list[tuple[int, dict[str, Any]]] = []
    for event in events:
        step, controls = event["step"], event["controls"]
        if merged and step - merged[-1][0] < max(5, 0.01 * width):
            controls = {**merged.pop()[1], **controls}
        merged.append((step, controls))
    return [
        [step, ", ".join(f"{name} {_short(v)}" for name, v in controls.items())] for step, controls in merged[-MARKS:]
    ]


def _short(value: Any) -> str:
    return f"{value:.3g}" if isinstance(value, float) else str(value)
