"""The curves beside the stage: the run's own series, and measures taken while somebody looks."""

from __future__ import annotations

import math
import time
from typing import Any

import numpy as np

from gandyn.core.experiment import Experiment
from gandyn.core.types import State
from gandyn.live.bands import bands
from gandyn.live.frame import Column, column
from gandyn.live.looks import Look, Looks, Sight, gap_table, table
from gandyn.live.ranges import StepAxis, ValueAxis
from gandyn.live.run import Run
from gandyn.live.series import COLUMNS, thin

PERIOD = 0.16  # seconds between two looks
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
        self._seen: tuple[object, object] = (None, None)
        self._sight = Sight()
        self._looks = Looks()
        self._steps = StepAxis()
        self._axes = {"losses": ValueAxis(-2, 2), "gap": ValueAxis(-0.1, 2), "distance": ValueAxis(0, 1, floor=0)}

    def update(
        self,
        run: Run,
        experiment: Experiment,
        state: State,
        *,
        settled: bool,
        sight: Sight = Sight(),  # noqa: B008
    ) -> bool:
        """Look again if it is time, or at once if the run stands still (`settled`) and is new or if another GAN came
        into sight; whether it did.
        """
        now = time.monotonic()
        turned = sight != self._sight
        new = state is not self._seen[0] or experiment is not self._seen[1] or turned
        if not new or (now < self._due and not settled and not turned):
            return False
        self._seen, self._sight = (state, experiment), sight
        started = time.thread_time()
        self._looks.take(run, experiment, state, sight)
        share = SHARE_MANY if sight.many else SHARE
        self._due = now + max(PERIOD, (time.thread_time() - started) / share)
        self._draw(run, experiment, state, sight)
        self.id += 1
        return True

    def _draw(self, run: Run, experiment: Experiment, state: State, sight: Sight) -> None:
        lanes, (steps, rows) = run.lanes or 1, run.history()
        rows = rows.reshape(len(rows), len(COLUMNS), lanes)
        made = self._of_one(steps, rows, sight.lane)
        self.columns = [
            column(source, name, values) for source, columns in made.items() for name, values in columns.items()
        ]
        ranged = {
            source: [v for name, v in columns.items() if name not in ("step", "f", "f_k")]
            for source, columns in made.items()
        }
        if sight.many:
            for name, found in self._of_all(steps, rows).items():
                self.columns += found
                ranged.setdefault(name, []).extend(one.values for one in found if one.name in ("p10", "p90"))
        axes = {"step": self._steps.show(state.step)}
        axes |= {source: axis.show(*ranged.get(source, [])) for source, axis in self._axes.items()}
        mixture = experiment.target.mixture()
        axes["modes"] = [0.0, float(len(mixture.weights))] if mixture else [0.0, 1.0]
        measured = self._looks.last.measured
        self.header = {
            "axes": axes,
            "measures": {name: _plain(value) for name, value in measured.get(sight.lane, {}).items()},
            "marks": marks(run.events(), axes["step"][1]),
            "gap_k": experiment.rule.unroll or experiment.probe_unroll,
        }
        if sight.many:
            self.header["covered"] = [measured.get(i, {}).get("covered") for i in range(lanes)]

    def _of_one(self, steps: np.ndarray, rows: np.ndarray, lane: int) -> dict[str, dict[str, np.ndarray]]:
        """The sources of the GAN on the stage: {source: {column: values}}."""
        picked = thin(steps, POINTS)
        steps, rows, looks = steps[picked], rows[picked], self._looks.thinned(POINTS)
        by_name = dict(zip(COLUMNS, rows[..., lane].T, strict=True))
        at, gaps = _gaps(steps, rows, looks)
        gaps = gaps[..., lane]
        seen = ~np.isnan(gaps).any(1)
        made = {
            "losses": {"step": steps, "critic": by_name["critic_loss"], "generator": by_name["generator_loss"]},
            "gap": {"step": at[seen], **dict(zip(("f", "f_k", "gap"), gaps[seen].T, strict=True))},
        }
        at = np.array([look.step for look in looks])
        for source, keys in MEASURES.items():
            if not self._told(next(iter(keys.values()))):
                continue
            found = {name: table(looks, key, rows.shape[2])[:, lane] for name, key in keys.items()}
            seen = ~np.isnan(np.stack(list(found.values()))).any(0)
            made[source] = {"step": at[seen], **{name: values[seen] for name, values in found.items()}}
        return made

    def _of_all(self, steps: np.ndarray, rows: np.ndarray) -> dict[str, list[Column]]:
        """The bands over the lanes, by the axis on which they are drawn."""
        picked = thin(steps, POINTS_MANY)
        looks, lanes = self._looks.thinned(POINTS_MANY), rows.shape[2]
        at, gaps = _gaps(steps[picked], rows[picked], looks)
        made = {"gap": bands("bands_gap", at, gaps[:, 2])}
        at = np.array([look.step for look in looks])
        for axis, key in (BY_MODES if self._told("covered") else BY_DISTANCE).items():
            made[axis] = bands(f"bands_{key}", at, table(looks, key, lanes))
        return made

    def _told(self, measure: str) -> bool:
        """Whether the target has this measure."""
        return any(measure in values for values in self._looks.last.measured.values())


def _gaps(steps: np.ndarray, rows: np.ndarray, looks: list[Look]) -> tuple[np.ndarray, np.ndarray]:
    """(steps [n], f, f_k and gap [n, 3, lanes]): the rule's own look-ahead where it has one, the probe's elsewhere."""
    own = rows[:, COLUMNS.index("unroll"), 0] > 0
    columns = [COLUMNS.index(name) for name in ("f", "f_k", "gap")]
    probed = [look for look in looks if look.gap]
    at = np.concatenate([steps[own], [look.step for look in probed]])
    values = np.concatenate([rows[own][:, columns], gap_table(probed, rows.shape[2])])
    order = np.argsort(at, kind="stable")
    return at[order], values[order]


def _plain(value: Any) -> float | int | None:
    return None if value is None or (isinstance(value, float) and not math.isfinite(value)) else value


def marks(events: list[dict[str, Any]], width: float) -> list[list[Any]]:
    """[step, "unroll 5"] for every live change; changes close together, as in the drag of a slider, are one mark."""
    found: list[tuple[int, dict[str, Any]]] = []
    for event in events:
        step, controls = event["step"], event["controls"]
        if found and step - found[-1][0] < max(5, 0.01 * width):
            controls = {**found.pop()[1], **controls}
        found.append((step, controls))
    return [
        [step, ", ".join(f"{name} {_short(v)}" for name, v in controls.items())] for step, controls in found[-MARKS:]
    ]


def _short(value: Any) -> str:
    return f"{value:.3g}" if isinstance(value, float) else str(value)
