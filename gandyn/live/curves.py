"""The curves beside the stage: the run's own series, and measures taken while somebody looks."""

from __future__ import annotations

import math
import time
from typing import Any

import numpy as np

from gandyn.core.dynamics import probe_gap
from gandyn.core.experiment import Experiment
from gandyn.core.play import draw_batches
from gandyn.core.rng import Rng
from gandyn.core.types import State
from gandyn.live.frame import Column, column
from gandyn.live.ranges import StepAxis, ValueAxis
from gandyn.live.run import Run
from gandyn.live.series import COLUMNS, thin
from gandyn.probes.measures import measure_state
from gandyn.probes.reference import floor

PERIOD = 0.16  # seconds between two looks
SHARE = 0.05  # of the training time that measures may take
POINTS = 800  # of a curve
MEASURED = 2500  # samples
DIRECTIONS = 64  # of the sliced distance while it runs
LOOKS = 4096  # kept; then every second is dropped
MARKS = 40


class Curves:
    """Columns and ranges of the series views, renewed a few times a second."""

    def __init__(self) -> None:
        self.id = 0
        self.columns: list[Column] = []
        self.header: dict[str, Any] = {}
        self._due = 0.0
        self._seen: tuple[object, object] = (None, None)
        self._looks: list[tuple[int, dict[str, Any], tuple[float, float] | None]] = []
        self._steps = StepAxis()
        self._axes = {"losses": ValueAxis(-2, 2), "gap": ValueAxis(-0.1, 2), "distance": ValueAxis(0, 1, floor=0)}

    def update(self, run: Run, experiment: Experiment, state: State, *, settled: bool) -> bool:
        """Look again if it is time, or if the run stands still (`settled`) and is new; whether it did."""
        now = time.monotonic()
        new = state is not self._seen[0] or experiment is not self._seen[1]
        if not new or (now < self._due and not settled):
            return False
        self._seen = (state, experiment)
        started = time.thread_time()
        self._look(experiment, state)
        self._due = now + max(PERIOD, (time.thread_time() - started) / SHARE)
        self._draw(run, experiment, state)
        self.id += 1
        return True

    def _look(self, experiment: Experiment, state: State) -> None:
        measured: dict[str, Any] = dict(
            measure_state(experiment, state, Rng(experiment.seed), n=MEASURED, projections=DIRECTIONS)
        )
        measured["sw2_floor"] = floor(experiment.target, MEASURED, DIRECTIONS)
        gap = None
        if experiment.rule.unroll == 0:
            batch = draw_batches(experiment, Rng(experiment.seed, state.step), state.g.dtype, state.g.device)[-1]
            gap = probe_gap(experiment.game, experiment.rule, state, batch, experiment.knobs, experiment.probe_unroll)
        self._looks = [look for look in self._looks if look[0] < state.step]
        if len(self._looks) >= LOOKS:
            self._looks = self._looks[::2]
        self._looks.append((state.step, measured, gap))

    def _draw(self, run: Run, experiment: Experiment, state: State) -> None:
        steps, rows = run.history()
        picked = thin(steps, POINTS)
        steps, rows = steps[picked], rows[picked]
        by_name = dict(zip(COLUMNS, rows.T, strict=True))
        looks = [self._looks[i] for i in thin(np.array([look[0] for look in self._looks]), POINTS)]
        gap = _gap(steps, by_name, looks)
        at = np.array([step for step, _, _ in looks])
        made = {
            "losses": {"step": steps, "critic": by_name["critic_loss"], "generator": by_name["generator_loss"]},
            "gap": gap,
        }
        names = {"modes": ("covered", "hq"), "distance": ("sw2", "sw2_floor")}
        for source, keys in names.items():
            if all(keys[0] in measured for _, measured, _ in looks):
                made[source] = {
                    "step": at,
                    **{key.removeprefix("sw2_"): np.array([m[key] for _, m, _ in looks]) for key in keys},
                }
        self.columns = [
            column(source, name, values) for source, columns in made.items() for name, values in columns.items()
        ]
        measured = looks[-1][1]
        axes = {"step": self._steps.show(state.step)}
        for source, axis in self._axes.items():
            axes[source] = axis.show(
                *(values for name, values in made.get(source, {}).items() if name not in ("step", "f", "f_k"))
            )
        mixture = experiment.target.mixture()
        axes["modes"] = [0.0, float(len(mixture.weights))] if mixture else [0.0, 1.0]
        plain = {name: _plain(value) for name, value in measured.items()}
        self.header = {
            "axes": axes,
            "measures": plain,
            "marks": marks(run.events(), axes["step"][1]),
            "gap_k": experiment.rule.unroll or experiment.probe_unroll,
        }


def _gap(steps: np.ndarray, rows: dict[str, np.ndarray], looks: list[Any]) -> dict[str, np.ndarray]:
    """The gap's curve: the rule's own look-ahead where it has one, the probe's elsewhere."""
    own = rows["unroll"] > 0
    parts = [np.stack([steps[own], rows["f"][own], rows["f_k"][own], rows["gap"][own]], 1)]
    probed = [(step, f, f_k, f - f_k) for step, _, pair in looks if pair for f, f_k in [pair]]
    parts.append(np.array(probed, np.float64).reshape(-1, 4))
    joined = np.concatenate(parts)
    joined = joined[np.argsort(joined[:, 0], kind="stable")]
    return dict(zip(("step", "f", "f_k", "gap"), joined.T, strict=True))


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
