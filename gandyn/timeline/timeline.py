"""A timeline: an experiment in motion with its past; the one stepping loop, of runs, training, sweeps and replays."""

from __future__ import annotations

import math
import secrets
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Any

import numpy as np
import torch

from gandyn.core import checks
from gandyn.core.experiment import Experiment
from gandyn.core.lanes import by_lane, check_lanes
from gandyn.core.rng import NAME
from gandyn.core.types import Metrics, State
from gandyn.records.engine import Engine
from gandyn.timeline.changes import Change, Changes, Place, Restart
from gandyn.timeline.kept import BUDGET, Keeper, Moment, nearest
from gandyn.timeline.last_finite import Diverged, LastFinite
from gandyn.timeline.line import Event, Line, difference
from gandyn.timeline.readings import until_reading
from gandyn.timeline.walker import CALL, Piece, Walker

Ready = Callable[[Experiment], bool]  # whether a step under it can be made now


class Timeline:
    """States, from a first one on, and the controls under which each was made; it alone changes either.

    It stands at one step of one line. A line's steps are never lost: to stand at an earlier one is to look at it, to go
    on from there follows the line, and to go on from there under other controls begins a fork. `change` may be called
    from another thread than what steps; a change takes effect at the next step.

    Every random number is a function of (seed, step), so any step can be made again, bit for bit on the engine that
    `engine` names: from the nearest state that is kept within `budget` bytes.
    """

    def __init__(
        self,
        experiment: Experiment,
        *,
        dtype: torch.dtype = torch.float32,
        state: State | None = None,
        lanes: int | None = None,
        seeds: Sequence[int] | None = None,
        engine: Engine | None = None,
        budget: int = BUDGET,
        call: float = CALL,
        begins: Mapping[str, Any] | None = None,
        measured: bool = False,
    ) -> None:
        """From step 0 of the experiment's seed, or from `state`. ValueError with one line for what does not fit.

        With `lanes` = N it is N runs in step, of the seeds seed, seed + 1, ... or of `seeds`: the state has a leading
        axis. `engine`: what computes it (default: what fits here). `call`: seconds of a call of the engine, about.
        `measured`: measures are read on a grid of steps, too (see readings), at a cost.
        `begins`: {step, sha256} of a first state that is not at hand; `state` is then a later one, at which it stands.
        """
        self.id = secrets.token_urlsafe(16)
        self.walker = Walker(experiment, dtype, lanes, seeds, engine, call)
        self.lanes = self.walker.lanes  # how many runs go in step; None: one, without an axis
        self.random: str | None = NAME  # the random numbers that it was begun with
        self.begins, self.start = begins, None if begins else state  # where neither is given: at step 0
        if state is None:
            state = self.walker.initial(experiment)
        self.lines = [Line(experiment, begins["step"] if begins else state.step, lanes=self.lanes)]
        self.line = self.lines[0]  # on which it stands
        self.moment = Moment(state, None)  # the state at which it stands, and the metrics of the step that led there
        self.wish: Experiment | None = None  # from an earlier step on, where the line goes on otherwise
        self.changes = Changes()  # for undo and redo
        self._steering = threading.Lock()  # one change at a time; never waits for a step
        self._stepping = threading.RLock()  # one thread moves the state
        self.measured = measured
        self._last_finite = LastFinite(state)
        self.kept = Keeper(budget)

    # -- where it stands

    @property
    def state(self) -> State:
        """The state at which it stands: immutable, so it may be kept and read anywhere."""
        return self.moment.state

    def standing_still(self) -> AbstractContextManager[object]:
        """While it is held no other thread moves the state."""
        return self._stepping

    @property
    def step(self) -> int:
        """The step at which it stands."""
        return self.state.step

    @property
    def experiment(self) -> Experiment:
        """The experiment as it is wanted from the next step on."""
        return self.wish or self.line.at(self.step)

    @property
    def metrics(self) -> dict[str, Any]:
        """The metrics of the step that led here by name: floats, arrays [N] with lanes; empty at the first state."""
        return self.moment.values()

    def history(self) -> tuple[np.ndarray, np.ndarray]:
        """(steps [n], rows [n, columns]) of the series up to where it stands, [n, columns, N] with lanes."""
        return self.line.history(self.step)

    def readings(self) -> tuple[np.ndarray, np.ndarray]:
        """(steps [n], values [n, READ, N]) of the measures up to where it stands; none unless it is `measured`."""
        return self.line.measured(self.step)

    def events(self) -> list[Event]:
        """The changes that led to where it stands: [{step, controls}]."""
        return self.line.events(self.step)

    # -- what a person does

    def change(self, undoes: bool = True, /, **controls: Any) -> None:
        """Change live controls from the next step on; ValueError with one line, and nothing changed, for bad input.
        `undoes`: whether `undo` takes it back, which is for one person alone."""
        with self._steering:
            now = self.experiment
            controls = controls if self.lanes is None else by_lane(controls)
            new = now.replace(**controls)
            check_lanes(new.knobs, self.lanes)
            if anew := ", ".join(now.resets(**controls)):
                raise ValueError(f"{anew} cannot change while the run goes on: pass reset=True to start it anew")
            self.walker.step_engine(new)  # refuses what cannot be stepped
            if undoes:
                self.changes.note(Change(self.line, self.step, now, frozenset(controls)))
            self._want(new)

    def want(self, experiment: Experiment) -> None:
        """Go on under this experiment, which differs from the present one in live controls alone."""
        with self._steering:
            self._want(experiment)

    def _want(self, experiment: Experiment) -> None:
        if self.step >= self.line.stop:
            self.line.tip = experiment
        else:
            self.wish = experiment

    def seek(self, step: int, line: Line | None = None, *, seconds: float = math.inf) -> bool:
        """Stand at an earlier or later step that was made, on this line or another. Blocks until it is computed, or for
        `seconds`, and stands as near before it as was computed then; whether it is there.
        """
        with self._stepping:
            line = line or self.line
            return self._look(line, checks.integer("step", step, self.lines[0].start, line.stop), seconds)

    def stand_at(self, state: State, metrics: Metrics | None = None) -> None:
        """Stand at a state of this line that was computed elsewhere, with all changes up to its step."""
        with self._stepping:
            line, moment = self.line, Moment(state, metrics)
            if state.step > line.stop:
                line.note(line.tip)
                line.stop = state.step
            line.reached = max(line.reached, state.step)
            self.moment, self.wish = moment, None
            self._last_finite = LastFinite(state)
            self.kept.keep(line.owner(state.step), moment)

    def restart(self, experiment: Experiment | None = None) -> None:
        """Stand at the first step of a new branch, to go on under the present controls, or other live ones."""
        with self._stepping:
            left, root = (self.line, self.step, self.experiment), self.lines[0]
            if not (self.line.start == self.line.stop == root.start):  # on one without steps it stands already
                self.lines.append(Line(root.first, root.start, root, lanes=self.lanes))
                self._look(self.lines[-1], root.start)
                self.changes.note_restart(Restart(self.line, left))
            self.want(experiment or left[2])

    def undo(self) -> bool:
        """Stand where the last change was made, with the controls from before it; whether there was one. What was made
        since stays on its line; going on from here begins a fork. `redo` comes back.
        """
        with self._stepping:
            return self._return(self.changes.undo(self.line, self.step, self.experiment))

    def redo(self) -> bool:
        """Stand again where `undo` left from; whether something was undone since the last change."""
        with self._stepping:
            return self._return(self.changes.redo())

    def _return(self, place: Place | None) -> bool:
        if place is not None:
            line, step, experiment = place
            self._look(line, step)
            self.want(experiment)
        return place is not None

    # -- stepping

    def advance(
        self, n: int = 1, *, seconds: float = math.inf, freeze: str | None = None, ready: Ready | None = None
    ) -> int:
        """n steps, or as many of them as fit into `seconds`; returns how many. Blocks.

        `freeze`: for these steps alone, the player that stands still. `ready`: of an experiment, whether its steps can
        be made now; the first that cannot ends it. Raises Diverged when the state stops being finite; the timeline then
        stands at the last one that is.
        """
        checks.integer("the number of steps", n, 0, 2**53)
        until = time.monotonic() + seconds
        with self._stepping:
            done = 0
            while done < n and (done == 0 or until - time.monotonic() > self.walker.call / 2):  # shorter: overhead
                now = self.experiment if freeze is None else self.experiment.replace(freeze=freeze)
                if ready is not None and not ready(now):
                    break
                piece = self._make(now, n - done, until - time.monotonic())
                count = len(piece.metrics.f)
                done += count
                if self._last_finite.is_due(piece.experiment, count):
                    self._check()
            self._check()
            return done

    def take(self, most: int) -> Piece:
        """One call of the engine: up to `most` >= 1 steps. Whether they are finite is the caller's business."""
        with self._stepping:
            return self._make(self.experiment, most, math.inf)

    def _make(self, now: Experiment, most: int, left: float) -> Piece:
        """Up to `most` steps, on the line that they belong to."""
        line, step = self._line_of(now), self.step
        if step < line.stop:
            now, most = line.at(step), min(most, line.until(step))  # what was wanted is what was done: it is followed
        else:
            line.note(now)
        if self.measured:
            most = min(most, until_reading(step, len(self.walker.seeds)))
        piece = self.walker.walk(self.state, now, most, left)
        end = piece.state.step
        owner = line.owner(end)
        owner.record(now, piece.state, piece.metrics, self.walker.seeds if self.measured else [])
        with self._steering:
            owner.stop = max(owner.stop, end)
            self.moment = Moment(piece.state, Metrics(*(value[-1].clone() for value in piece.metrics)))
            if end >= line.stop:  # a change that came while the last step of the line was followed
                line.tip, self.wish = self.wish or line.tip, None
        self.kept.keep(owner, self.moment)
        return piece

    def _line_of(self, now: Experiment) -> Line:
        """The line on which the next step is made: this one, or a fork of it where the step was made otherwise."""
        line, step = self.line, self.step
        with self._steering:
            if step >= line.stop:
                return line
            wish = self.wish
            if not difference(line.at(step), now):
                self.wish = wish if wish and difference(wish, now) else None
                return line
            fork = Line(line.before(step), step, line.owner(step), lanes=self.lanes)
            fork.tip = self.experiment
            if fork.tip.rule.freeze != now.rule.freeze:  # a step of one player: who stood still before it does on
                fork.tip = fork.tip.replace(freeze=line.before(step).rule.freeze)
            self.lines.append(fork)
            self.line, self.wish = fork, None
            return fork

    def _check(self) -> None:
        """Raise Diverged where the state is not finite, and stand at the last that is."""
        if self._last_finite.holds(self.state, self.walker.steps):
            return
        state = self._last_finite.state
        self.line.cut(state.step)
        self.kept.recount()
        self._look(self.line, state.step)
        at = state.step
        raise Diverged(f"the parameters stop being finite at step {at + 1:,}; the state of step {at:,} is kept")

    def _look(self, line: Line, step: int, seconds: float = math.inf) -> bool:
        """Stand at a step that was made on this line, made again from the nearest state that is kept."""
        until = time.monotonic() + seconds
        moment = nearest(line, step)
        here = moment is None or moment.state.step <= self.step
        if here and self.step <= step and self.line.owner(self.step) is line.owner(self.step):
            moment = self.moment
        moment = moment or Moment(self._initial(), None)
        with self._steering:  # a change that comes in this instant is for the one place or for the other
            self.line, self.moment, self.wish = line, moment, None
        while self.step < step and (left := until - time.monotonic()) > 0:
            self._make(line.at(self.step), min(step - self.step, line.until(self.step)), left)
        self._last_finite = LastFinite(self.state)
        return self.step == step

    def _initial(self) -> State:
        if self.start is not None:
            return self.start
        if self.begins is not None:
            raise ValueError("the state with which this run began is not in its file: its first steps cannot be made")
        return self.walker.initial(self.lines[0].first)
