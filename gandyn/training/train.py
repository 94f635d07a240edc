"""A headless run: a timeline to its last step, with everything that it leaves in its directory.

Who owns what: the state is the timeline's; metrics.jsonl, frames and checkpoints are facts, written as they come;
pictures and summaries follow from the facts, so they can be made again.
"""

from __future__ import annotations

import logging
import math
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, NamedTuple

import numpy as np
import torch

from gandyn.core import checks
from gandyn.core.experiment import MAX_TOTAL_STEPS, Experiment
from gandyn.core.lanes import first_lane, is_finite
from gandyn.core.state import on
from gandyn.core.types import Metrics, State
from gandyn.records.again import again
from gandyn.records.album import frame, keep
from gandyn.records.config import from_config
from gandyn.records.disk import write_picture
from gandyn.records.engine import versions
from gandyn.records.log import Row
from gandyn.records.measured import all_measured, measured, to_measure
from gandyn.records.pictures import Pictures
from gandyn.records.plan import Plan
from gandyn.records.rundir import RunDirectory
from gandyn.records.schema import Vouched
from gandyn.records.tables import tabled
from gandyn.records.trace import DTYPES
from gandyn.records.vouching import lost_pictures
from gandyn.timeline.line import last_step
from gandyn.timeline.timeline import Timeline
from gandyn.timeline.trace import to_trace
from gandyn.training.judgement import ADVICE, judgement

SAVE_EVERY = 60.0  # seconds between checkpoints
TELL_EVERY = 0.25  # seconds between reports
CALL = 0.05  # seconds of a call of the stepping loop, after which a signal is noticed


log = logging.getLogger(__name__)
Tell = Callable[[list[Row]], None]


class Broken(ArithmeticError):
    """The run cannot go on: one line says why, and what is kept."""


class TrainResult(NamedTuple):
    """The result of training: the run's summary, and whether it was completed."""

    summary: dict[str, Any]
    finished: bool  # whether it reached its last step


class Training:
    """One run in its directory, from its last checkpoint or from step 0.

    Of a session with lanes all are done again and kept in the checkpoints; what is told and drawn is the first.
    """

    def __init__(self, directory: RunDirectory, *, anyway: bool = False) -> None:
        """`anyway`: also where its engine is not available here, by the one that is, from now on."""
        stored = directory.config()
        config, self._engine = again(stored, from_config(stored), anyway=anyway)
        self._stored, self._anyway = stored, anyway
        self._directory, self._config = directory, dict(config)
        self._first = from_config(config)
        self._plan = Plan(**config["plan"])
        self._picture = Pictures(self._plan)
        how = {"lanes": config.get("lanes"), "engine": self._engine}
        self._timeline = Timeline(self._first, dtype=DTYPES[config["dtype"]], **how, budget=0, call=CALL)
        self._timeline.random = config.get("random")
        self._timeline.line.read(config["events"], last_step(config["events"]))
        self._log = directory.log()
        self._aside = ThreadPoolExecutor(1, "gandyn-measures")  # what takes long enough to hold up the training
        self._before, self._began = 0.0, time.monotonic()
        self._last: Row = {}
        self._tell: Tell = lambda rows: None
        _same_data(config["data"], self._first.target.provenance())

    def start(self) -> State:
        """The state at step 0."""
        self._keep(*first_lane(self._first, self._timeline.state))
        self._save(self._first)
        return self._timeline.state

    def resume(self, steps: int | None = None) -> State:
        """The state of the last checkpoint that is whole, as are all facts from before it; `steps`: a new last step.

        What was written after it is forgotten. Where there is none such the run begins at step 0, and computes again
        what was lost.
        """
        intact = self._directory.intact(self._stored, anyway=self._anyway)
        if steps is not None:
            self._config["steps"] = self._last_step(steps, 0 if intact is None else intact.saved.state.step)
        if intact is None:
            self._directory.cut(-1, 0)
            self._directory.write("config.json", self._config)
            return self.start()
        saved, vouched = intact
        self._timeline.stand_at(on(saved.state, self._timeline.walker.device))
        self._before = checks.number("the seconds of a checkpoint", saved.about.get("wall"), 0, math.inf)
        self._last = self._directory.cut(self._timeline.step, vouched.bytes)
        self._draw_lost(vouched)
        if self._config != self._stored:
            self._directory.write("config.json", self._config)
            self._save(saved.experiment)
        return self._timeline.state

    def _last_step(self, steps: int, done: int) -> int:
        steps = checks.integer("--steps", steps, 1, MAX_TOTAL_STEPS)
        if steps < done:
            path = self._directory.path
            raise ValueError(
                f"{path} has made {done:,} steps already, more than --steps {steps}: name more, or begin a run of "
                f"{steps} by gandyn train --config {path / 'config.json'} --steps {steps}"
            )
        return steps

    def _draw_lost(self, vouched: Vouched) -> None:
        """The pictures that are missing or damaged, once more from their frames."""
        folder = self._directory.samples
        lost = lost_pictures(self._directory.frames, folder, vouched, self._plan)
        for step in lost:
            samples = np.load(self._directory.frames / f"{step:06d}.npy")
            self._draw(self._timeline.line.before(step), samples, step)
        if lost:
            log.warning("%s: missing or not as they were written, drawn again: %d", folder, len(lost))

    @property
    def seconds(self) -> float:
        """On the clock since the run began, all that it does included; those between its sittings are not."""
        return self._before + time.monotonic() - self._began

    @property
    def steps(self) -> int:
        """The last step of the run."""
        return self._config["steps"]

    def run(self, tell: Tell = lambda rows: None, stopped: Callable[[], bool] = lambda: False) -> TrainResult:
        """Go on to the last step, or until `stopped`; everything of it is in the directory then.

        `tell` is given the rows of metrics.jsonl as they are written. Raises Broken when the numbers stop being finite;
        the last checkpoint is from before.
        """
        torch.set_num_threads(self._engine.threads)
        self._tell = tell
        saved = reported = time.monotonic()
        timeline, now = self._timeline, self._timeline.experiment
        while timeline.step < self.steps and not stopped():
            due = min(self.steps - timeline.step, self._plan.until(timeline.step))
            start = self.seconds
            try:
                now, state, metrics, _ = timeline.take(due)
            except (RuntimeError, MemoryError) as error:
                raise self._out_of_memory(error) from None
            self._log.extend(state.step, _first_of(metrics), start, self.seconds)
            self._observe(now, state)
            clock = time.monotonic()
            if self._log.full or clock - reported > TELL_EVERY:
                self._flush(state)
                reported = clock
            if clock - saved > SAVE_EVERY:
                self._save(now)
                saved = time.monotonic()
        finished = timeline.step >= self.steps
        trace = self._save(now)
        self._directory.write("trace.json", trace)
        summary = self._summary(timeline.state, finished) | {"sha256": trace["sha256"]}
        self._directory.write("summary.json", summary)
        return TrainResult(summary, finished)

    def _observe(self, now: Experiment, state: State) -> None:
        step, last = state.step, state.step == self.steps
        if self._plan.has_row(step) or self._plan.measured(step) or self._plan.kept(step) or last:
            self._check(state)
        now, state = first_lane(now, state)
        if not bool(is_finite(state)):
            return  # this lane is lost, others go on
        if self._plan.has_row(step):
            self._log.add(**tabled(now, state, self._plan.columns))
        if self._plan.measured(step):
            self._log.add(**measured(now, state))
        if self._plan.measured_fully(step):
            self._log.add_later(self._aside.submit(all_measured, now.target, to_measure(now, state)))
        if self._plan.kept(step) or last:
            self._keep(now, state)

    def _keep(self, now: Experiment, state: State) -> None:
        samples, step = frame(now, state, self._plan), state.step
        keep(self._directory.frames, step, samples)
        if self._plan.pictured(step) or step == self.steps:
            self._draw(now, samples, step)

    def _draw(self, now: Experiment, samples: np.ndarray, step: int) -> None:
        write_picture(self._directory.samples / f"{step:06d}.png", self._picture(now, samples, step))

    def _flush(self, state: State) -> None:
        self._report(self._log.flush(wait=False))
        self._check(state)

    def _report(self, rows: list[Row]) -> None:
        if rows:
            self._last = rows[-1]
            self._tell(rows)

    def _check(self, state: State) -> None:
        if bool(is_finite(state).any()):
            return
        self._log.flush()
        kept = self._directory.last().state.step
        raise Broken(
            f"the parameters stopped being finite by step {state.step:,}; the checkpoint of step {kept:,} in "
            f"{self._directory.path} is good: {ADVICE}"
        )

    def _out_of_memory(self, error: Exception) -> Exception:
        """The error in a line where memory is exhausted, of the device or of the machine; else as it is."""
        exhausted = isinstance(error, (torch.OutOfMemoryError, MemoryError)) or "can't allocate memory" in str(error)
        if not exhausted:
            return error
        step, kept = self._timeline.step + 1, self._directory.last().state.step
        return Broken(
            f"there is not memory enough for step {step:,} on {self._timeline.walker.device}; the checkpoint of step "
            f"{kept:,} in {self._directory.path} is good: free some, or begin anew with a smaller batch_size or widths"
        )

    def _save(self, now: Experiment) -> dict[str, Any]:
        """A checkpoint; returns the trace that ends in it."""
        state = self._timeline.state
        self._report(self._log.flush())
        self._check(state)
        trace = to_trace(self._timeline, branches=False)
        files = self._directory.vouched(self._config, *self._log.checksum())
        self._directory.save(trace, now, state, wall=self.seconds, files=files)
        return trace

    def _summary(self, state: State, finished: bool) -> dict[str, Any]:
        now, one = first_lane(self._timeline.experiment, state)
        seconds = self.seconds
        return {
            "preset": self._first.name,
            "step": state.step,
            "steps": self.steps,
            "finished": finished,
            "seed": self._first.seed,
            "metrics": self._last,
            **judgement(now, one, self._last, self._directory.metrics),
            "seconds": round(seconds, 3),
            "steps_per_second": round(state.step / seconds, 3),
            "device": self._timeline.walker.device,
            "threads": self._engine.threads,
            "engine": self._engine.as_dict(),
            "versions": versions(),
            "data": self._config["data"],
            "directory": str(self._directory.path),
        }


def _first_of(metrics: Metrics) -> Metrics:
    """Metrics [steps] of the first lane; without lanes as they are."""
    return metrics if metrics.f.ndim == 1 else Metrics(*(value[:, 0] for value in metrics))


def _same_data(recorded: dict[str, str], present: dict[str, str]) -> None:
    if recorded.get("sha256") != present.get("sha256"):
        raise ValueError(
            f"this run was begun with {recorded.get('digits')}, but these are {present.get('digits')}: "
            "name the same data by --data-dir"
        )
