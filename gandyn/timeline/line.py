"""A line of a timeline: the steps after a fork, and the experiments under which they were made."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from gandyn.core import checks
from gandyn.core.controls import PARTS
from gandyn.core.experiment import Experiment
from gandyn.core.types import Metrics, State
from gandyn.records.config import to_config
from gandyn.records.schema import MOST_STEPS
from gandyn.records.trace import changes
from gandyn.timeline.kept import Moment
from gandyn.timeline.readings import Readings, read, spacing
from gandyn.timeline.series import Series

Event = dict[str, Any]  # {step, controls}: the controls that differ from the step after `step` on


class Line:
    """The steps start + 1, ..., stop of one branch; those up to `start` are its parent's.

    Experiments are values, so that of any step is had by a search, and an event is the difference of two neighbours.
    """

    def __init__(
        self, experiment: Experiment, start: int, parent: Line | None = None, lanes: int | None = None
    ) -> None:
        """Begin at step `start` after which `experiment` is wanted; of a fork, the one that its parent left there."""
        self.parent, self.start = parent, start
        self.stop = start  # the last step that was made
        self.tip = experiment  # wanted from there on
        self.kept: list[Moment] = []  # some of its states, in order
        self.series = Series(lanes)
        self.readings = Readings(lanes or 1)
        self.reached = start  # the last step that the series holds: less than `stop` in one that was read from a file
        self._steps, self._experiments = [start], [experiment]  # from the step after each on, under each
        self._events: list[Event] = []  # what the second and the later ones differ in from the one before

    @property
    def first(self) -> Experiment:
        """The experiment with which it begins, before any change."""
        return self._experiments[0]

    def at(self, step: int) -> Experiment:
        """The experiment under which the step after `step` is made, on this line and its parents."""
        if self.parent is not None and step < self.start:
            return self.parent.at(step)
        if step >= self.stop:
            return self.tip
        return self._experiments[bisect_right(self._steps, step) - 1]

    def before(self, step: int) -> Experiment:
        """The experiment under which step `step` itself was made; at step 0 the first of all."""
        line = self.owner(step)
        if step <= line.start:
            return line.first
        return line._experiments[bisect_right(line._steps, step - 1) - 1]

    def until(self, step: int) -> int:
        """How many steps after `step` < stop are made before something changes or the line ends."""
        if self.parent is not None and step < self.start:
            return min(self.parent.until(step), self.start - step) if step < self.parent.stop else self.start - step
        following = bisect_right(self._steps, step)
        return (self._steps[following] if following < len(self._steps) else self.stop) - step

    def last_changes(self, step: int, wanted: Experiment) -> dict[str, int]:
        """The step after which each control was last changed on the way to `step`, by name.

        `wanted`: the experiment of the step after it.
        """
        steps = {name: event["step"] for event in self.events(step) for name in event["controls"]}
        return steps | dict.fromkeys(difference(self.before(step), wanted), step)

    def note(self, experiment: Experiment) -> None:
        """The step after `stop` is about to be made under this experiment."""
        while self._events and self._events[-1]["step"] == self.stop:  # noted, but the step was never made
            for noted in (self._steps, self._experiments, self._events):
                noted.pop()
        last = self._experiments[-1]
        if experiment is last:
            return
        if changed := difference(last, experiment):
            self._steps.append(self.stop)
            self._experiments.append(experiment)
            self._events.append({"step": self.stop, "controls": changed})

    def record(self, now: Experiment, state: State, metrics: Metrics, measured: Sequence[int]) -> None:
        """Add the metrics [steps, (N)] of the steps up to this state to the series, as far as they are new.

        `measured`: the seeds of the runs that are measured where there is a reading at this step.
        """
        new = state.step - self.reached
        if new <= 0:
            return
        self.series.extend(state.step, now.rule.unroll_g, Metrics(*(value[-new:] for value in metrics)))
        self.reached = state.step
        if measured and state.step % spacing(state.step, len(measured)) == 0:
            self.readings.add(state.step, read(now, state, measured))

    def cut(self, step: int) -> None:
        """Forget the steps after `step` >= start, which were not finite; what is wanted at the tip stays."""
        self.stop, self.reached = step, min(step, self.reached)
        while self._events and self._events[-1]["step"] >= step:
            for noted in (self._steps, self._experiments, self._events):
                noted.pop()
        self.series.cut(step)
        self.readings.cut(step)
        self.kept = [moment for moment in self.kept if moment.state.step <= step]

    def owner(self, step: int) -> Line:
        """Which of this line and its parents made step `step`; at a fork the parent, at the first step the root."""
        line = self
        while line.parent is not None and step <= line.start:
            line = line.parent
        return line

    def path(self) -> list[Line]:
        """The lines from the root to this one."""
        return [*(self.parent.path() if self.parent else []), self]

    def own_events(self) -> list[Event]:
        """The changes at its own steps; one at `stop` is wanted, but no step was made under it yet."""
        kept = [event for event in self._events if event["step"] < self.stop]
        wanted = difference(self._experiments[len(kept)], self.tip)
        return [*kept, *([{"step": self.stop, "controls": wanted}] if wanted else [])]

    def events(self, step: int) -> list[Event]:
        """All changes before step `step`, from the root on."""
        events: list[Event] = []
        for line in self.owner(step).path():
            events = [event for event in events if event["step"] < line.start]
            events += [event for event in line._events if event["step"] < min(step, line.stop)]
        return events

    def history(self, step: int) -> tuple[np.ndarray, np.ndarray]:
        """(steps [n], rows [n, columns]) of the series of the steps up to `step`, from the root on."""
        pieces: list[tuple[np.ndarray, np.ndarray]] = []
        for line in reversed(self.path()):
            pieces.insert(0, line.series.read(step))  # copied once: after an hour it is 7 MB, in every frame
            step = min(step, line.start)
        if len(pieces) == 1:
            return pieces[0]
        return np.concatenate([steps for steps, _ in pieces]), np.concatenate([rows for _, rows in pieces])

    def measured(self, step: int) -> tuple[np.ndarray, np.ndarray]:
        """(steps [n], values [n, READ, N]) of the readings up to `step`, from the root on."""
        pieces: list[tuple[np.ndarray, np.ndarray]] = []
        for line in reversed(self.path()):
            pieces.insert(0, line.readings.until(step))
            step = min(step, line.start)
        return np.concatenate([steps for steps, _ in pieces]), np.concatenate([values for _, values in pieces])

    def read(self, events: Any, stop: int) -> None:
        """Events as `own_events` gave them, up to step `stop`: this line is known that far, but nothing is computed.

        Raises ValueError with one line for what is no list of events in order.
        """
        stop = checks.integer("the last step of a branch", stop, self.start, MOST_STEPS)
        for step, controls in changes(events):
            if restart := self.tip.resets(**controls):
                raise ValueError(f"the event at step {step} changes {', '.join(restart)}, which needs a reset")
            if not self.stop <= step <= stop:
                raise ValueError(f"the event at step {step} is not between steps {self.stop} and {stop}")
            if step > self.stop:
                self.note(self.tip)
                self.stop = step
            self.tip = self.tip.replace(**controls)
        if stop > self.stop:
            self.note(self.tip)
            self.stop = stop


def last_step(events: Sequence[Mapping[str, Any]]) -> int:
    """The step of the last event; 0 where there is none, or what is there is no event."""
    step = events[-1].get("step") if events and isinstance(events[-1], Mapping) else 0
    return step if isinstance(step, int) else 0


def difference(before: Experiment, after: Experiment) -> dict[str, Any]:
    """The controls that make `after` of `before`.

    Of another target, update rule or objective, all parameters, since it begins with values of its own.
    """
    if before is after:
        return {}
    old, new = to_config(before)["controls"], to_config(after)["controls"]
    others = tuple(f"{kind}." for kind in PARTS if old[kind] != new[kind])
    return {name: value for name, value in new.items() if old.get(name) != value or name.startswith(others)}
