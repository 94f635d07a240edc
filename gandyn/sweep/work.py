"""The work of one task: a pure function from configurations to rows, but for the time that it took."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Sequence
from typing import Any

import torch

from gandyn.core.engine import engine_at
from gandyn.core.experiment import Experiment
from gandyn.core.lanes import is_finite, lane
from gandyn.core.rng import Rng
from gandyn.core.types import Metrics, State
from gandyn.diagnosis import diagnose, in_words
from gandyn.diagnosis.moment import evidence, of_modes, signals_by_name
from gandyn.probes.inputs import generate
from gandyn.probes.measures import holding
from gandyn.probes.reference import modes_of
from gandyn.records.config import from_config, resolve_device
from gandyn.records.measured import all_measured, measured, to_measure
from gandyn.sweep.grid import Job
from gandyn.sweep.groups import Task
from gandyn.sweep.lanes import walk
from gandyn.timeline.line import difference

SAMPLES = 2500  # at every measurement, from latents that never change
FAULTS = (ValueError, ArithmeticError, RuntimeError)  # they become rows; anything else ends the sweep

Row = dict[str, Any]
OnSteps = Callable[[int], None]


def carry_out(task: Task, on_steps: OnSteps = lambda steps: None) -> list[Row]:
    """The row of every job. `on_steps` is told how many steps, of all its GANs together, were made since last.

    What a GAN of the group did wrong is in its own row as `error`; where it stopped the others, each goes alone.
    """
    torch.set_num_threads(1)
    try:
        return _together(task.jobs, task.engine, on_steps)
    except FAULTS as error:
        if len(task.jobs) == 1:
            (job,) = task.jobs
            return [Lane(job, from_config(job.config)).head() | {"error": " ".join(str(error).split())}]
    return [row for job in task.jobs for row in carry_out(Task((job,), task.engine), on_steps)]


class Lane:
    """What is noted of one GAN on the way."""

    def __init__(self, job: Job, experiment: Experiment) -> None:
        self.job, self.experiment = job, experiment
        mixture = modes_of(experiment.target)
        self.centres = None if mixture is None else len(mixture.weights)
        self.measurements: dict[str, list[Any]] = {"step": [], "covered": [], "hq": []}
        self.readings: list[Row] = []  # what a diagnosis is made from
        self.error: str | None = None

    def measure(self, state: State) -> None:
        """Note how good it is; `state` is this lane's own."""
        if self.error:
            return
        reading: Row = {"step": state.step, **signals_by_name(self.experiment, state)}
        if (mixture := modes_of(self.experiment.target)) is not None:
            samples = generate(self.experiment, state, SAMPLES, Rng(self.experiment.seed))
            reading |= of_modes(holding(mixture, samples.cpu().double()), SAMPLES)
            noted = {"step": state.step, "covered": int(reading["covered"]), "hq": round(reading["hq"], 6)}
            for name, value in noted.items():
                self.measurements[name].append(value)
        self.readings.append(reading)

    def row(self, state: State, losses: dict[str, float | None]) -> Row:
        """The row at the last step; `state` is this lane's own."""
        result: Row = {"error": self.error}
        if self.centres is not None:
            result["steps_to_cover"] = first_at(self.centres, self.measurements["step"], self.measurements["covered"])
            result["measurements"] = self.measurements
        if self.error is None:
            try:
                samples = to_measure(self.experiment, state)
                result |= measured(self.experiment, state) | all_measured(self.experiment.target, samples) | losses
                findings = diagnose(evidence(self.experiment, state, self.readings, self._changed()))
                result |= {"signs": [finding.name for finding in findings], "diagnosis": in_words(findings)}
            except ValueError as error:  # samples that are not finite
                result["error"] = str(error)
        return self.head() | result

    def _changed(self) -> dict[str, int]:
        """The controls that another configuration had up to the end of the warm-up, and that step."""
        before = self.job.before
        return (
            {} if before is None else dict.fromkeys(difference(from_config(before), self.experiment), self.job.warmup)
        )

    def head(self) -> Row:
        """What is known of it before it begins."""
        return columns(self.job) | ({} if self.centres is None else {"centres": self.centres})


def columns(job: Job) -> Row:
    """What a row says of its job."""
    return {"key": job.key, **job.point, "seed": job.seed, "steps": job.config["steps"]}


def first_at(centres: int, steps: Sequence[int], covered: Sequence[int]) -> int | None:
    """The first of the steps at which all centres are covered; None if there is none."""
    return next((step for step, count in zip(steps, covered, strict=True) if count == centres), None)


def _together(jobs: Sequence[Job], engine: str, on_steps: OnSteps) -> list[Row]:
    start = time.thread_time()
    lanes = [Lane(job, from_config(job.config)) for job in jobs]
    steps, every = lanes[0].experiment.steps, jobs[0].every
    before = [from_config(job.before) for job in jobs if job.before is not None]
    device = resolve_device(lanes[0].experiment)
    at = [*range(every, steps, every), steps]
    walked, state, last = 0, None, None
    walking = walk([one.experiment for one in lanes], at, engine, device, before, jobs[0].warmup)
    for state, metrics in walking:
        last = metrics
        _measure(lanes, state)
        on_steps(len(lanes) * (state.step - walked))
        walked = state.step
        if all(one.error for one in lanes):
            break
    assert state is not None and last is not None
    losses = _finite(last)
    rows = [one.row(lane(state, i), losses[i]) for i, one in enumerate(lanes)]
    about = {"seconds": round((time.thread_time() - start) / len(lanes), 4), "lanes": len(lanes)}
    first = lanes[0].experiment
    name = engine_at(first.game, first.rule, engine, device)
    return [row | about | {"engine": name} for row in rows]


def _measure(lanes: Sequence[Lane], state: State) -> None:
    whole = is_finite(state).tolist()
    for i, (one, finite) in enumerate(zip(lanes, whole, strict=True)):
        if not finite and one.error is None:
            one.error = f"the parameters stopped being finite by step {state.step:,}: try smaller rates"
        one.measure(lane(state, i))


def _finite(metrics: Metrics) -> list[dict[str, float | None]]:
    """Of each lane; None for what is not finite: JSON has no other word for it."""
    columns = {name: value.double().tolist() for name, value in metrics._asdict().items()}
    each = zip(*columns.values(), strict=True)
    return [{name: v if math.isfinite(v) else None for name, v in zip(columns, of, strict=True)} for of in each]
