"""A run of one's own in a class: an ordinary session within what the teacher has fixed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from gandyn.core.experiment import Experiment
from gandyn.core.lanes import knobs_of
from gandyn.live.broadcast import Broadcast
from gandyn.live.run import Run
from gandyn.presets import PRESETS
from gandyn.timeline.branch import branched
from gandyn.timeline.changes import Change
from gandyn.ui.classroom.rules import Rules
from gandyn.ui.messages import CommandName
from gandyn.ui.session.session import Session, next_change

MOVES = ("play", "step", "critic", "generator")


class OwnRun(Session):
    """Begins as a branch of the class's present moment. Whatever would change what is fixed is a ValueError."""

    def __init__(self, rules: Rules, of: Broadcast) -> None:
        self._rules = rules
        self._forced = True  # what happens now is asked for by the teacher
        super().__init__(_of_one(of), playing=False)
        self.broadcast.until = rules.stop
        self.take(of)

    def take(self, other: Broadcast) -> None:
        """Go on with a copy of what another broadcast shows now, of many GANs the one on the stage."""
        self._forced = True
        try:
            runs = [Run.of(branched(run.timeline, other.lane if run.lanes else None)) for run in other.runs]
            self._put(*runs, speed=other.speed)
            self.broadcast.playing, self.broadcast.lane = other.playing, 0
        finally:
            self._forced = False
        self.stop_at(self._rules.stop)

    def force(self, controls: Mapping[str, Any]) -> None:
        """Change controls whether they are fixed or not, in all runs that are shown."""
        self._forced, steered = True, self.steered
        try:
            self.steered = None
            self.change(**controls)
        finally:
            self._forced, self.steered = False, steered if steered is None or steered < len(self.runs) else 0
        self._changed()

    def stop_at(self, step: int | None) -> None:
        """Stand still at this step, back at it where the run is beyond; None: go on as one likes."""
        self.broadcast.until = step
        if step is not None and any(run.state.step > step for run in self.runs):
            self.broadcast.look(step)
        self._changed()

    def change(self, /, **controls: Any) -> None:
        """As Session's."""
        if not self._forced:
            if "steps_per_second" in controls and (why := self._rules.reason("steps_per_second")):
                raise ValueError(f"steps_per_second is {why}")
            fixed = {name: value for name, value in controls.items() if name != "steps_per_second"}
            for run in self.runs:
                self._rules.check_asked(self.broadcast.experiment(run), fixed)
        super().change(**controls)

    def compare(self, controls: Mapping[str, Any], *, which: int | None = None, here: bool = False) -> None:
        """As Session's."""
        run = self.runs[(self.steered or 0) if which is None else which]
        self._rules.check_asked(self.broadcast.experiment(run), controls)
        super().compare(controls, which=which, here=here)

    def load(self, preset: str) -> None:
        """As Session's."""
        if preset in PRESETS:
            self._check(PRESETS[preset])
        super().load(preset)

    def command(self, name: CommandName) -> None:
        """As Session's; nothing moves beyond the step at which the class stands still."""
        stop = self._rules.stop
        if name in MOVES and stop is not None and self.broadcast.run.state.step >= stop:
            raise ValueError(f"the teacher has stopped the class at step {stop:,}")
        super().command(name)

    def _undo(self, way: str) -> None:
        for run in self.runs:
            act = next_change(run.timeline, way)
            for name in act.names if isinstance(act, Change) else ():
                if why := self._rules.reason(name):
                    raise ValueError(f"{name} is {why}")
        super()._undo(way)

    def _changed(self) -> None:
        """What goes on from a step before the teacher preset a control has its value now."""
        if not self._forced:
            amiss = [self._rules.amiss(self.broadcast.experiment(run)) for run in self.runs]
            if any(amiss):
                self.force({name: value for one in amiss for name, value in one.items()})
                return
        super()._changed()

    def _beside(self, other: Run, *, here: bool = False) -> None:
        self._rules.check_menu("preset", self.experiment.name, other.experiment.name)
        for name in self._rules.amiss(other.experiment):
            raise ValueError(f"that run has another {name} than the teacher has set for all")
        super()._beside(other, here=here)

    def _put(self, *runs: Run, steered: int | None = 0, speed: float | None = None) -> None:
        if not self._forced:
            for run in runs:
                if run not in self.runs:
                    self._check_run(run)
        super()._put(*runs, steered=steered, speed=speed)

    def _bring_back(self, way: str) -> None:
        for run in self._aside.next(way):
            self._check_run(run)
        super()._bring_back(way)

    def _check_run(self, run: Run) -> None:
        self._check(run.experiment)
        self._rules.check_menu("lanes", self.lanes, run.lanes or 1)

    def _check(self, experiment: Any) -> None:
        self._rules.check(self.experiment, experiment)


def _of_one(of: Broadcast) -> Experiment:
    """What the first run of a broadcast goes on under; of many GANs, the values of the one on the stage."""
    experiment = of.experiment(of.run)
    return replace(experiment, knobs=knobs_of(experiment.knobs, of.lane)) if of.run.lanes else experiment
