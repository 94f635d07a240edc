"""Undo and redo: where changes were made, and what the controls were before."""

from __future__ import annotations

import time
from typing import NamedTuple

from gandyn.core.experiment import Experiment
from gandyn.timeline.line import Line

DRAG = 1.0  # seconds between two changes of the same controls that a person makes in one movement


class Change(NamedTuple):
    """A change of controls, at a step of a line."""

    line: Line
    step: int
    before: Experiment
    names: frozenset[str]


Place = tuple[Line, int, Experiment]  # where a timeline stands, and what is wanted there


class Restart(NamedTuple):
    """A branch that was begun at the first step, and the place that was left for it."""

    line: Line
    left: Place


Act = Change | Restart


class Changes:
    """The changes and restarts that were made, in order, and the places from which they were undone."""

    def __init__(self) -> None:
        self._done: list[Act] = []
        self._undone: list[tuple[Place, Act]] = []
        self._last = -DRAG  # when the last change was made

    def note(self, change: Change) -> None:
        """A change is made; those of one drag of a slider are one, at its first step."""
        now = time.monotonic()
        last = self._done[-1] if self._done else None
        drag = isinstance(last, Change) and now - self._last < DRAG and last.names == change.names
        self._last = now
        self._undone.clear()
        if not drag or last is None or not _on_path(last, change.line, change.step):
            self._done.append(change)

    def note_restart(self, restart: Restart) -> None:
        """A branch is begun at the first step."""
        self._last = -DRAG
        self._undone.clear()
        self._done.append(restart)

    def forget_undone(self) -> None:
        """Something else was done: there is nothing to redo any more."""
        self._undone.clear()

    def next(self, way: str, line: Line, step: int) -> Act | None:
        """What "undo", or "redo", would take back, or do again, at this place; None: nothing."""
        if way == "redo":
            return self._undone[-1][1] if self._undone else None
        return next((one for one in reversed(tuple(self._done)) if _on_path(one, line, step)), None)

    def undo(self, line: Line, step: int, experiment: Experiment) -> Place | None:
        """Where the last change on the way to this place came to act, with the controls from before it, or the place
        that was left for the last restart; None if there is neither. This place is remembered for `redo`."""
        act = self.next("undo", line, step)
        if act is None:
            return None
        self._done.remove(act)
        self._undone.append(((line, step, experiment), act))
        self._last = -DRAG
        return act.left if isinstance(act, Restart) else (act.line, _acts_from(act, line, step), act.before)

    def redo(self) -> Place | None:
        """The place from which was undone last."""
        if not self._undone:
            return None
        place, change = self._undone.pop()
        self._done.append(change)
        return place


def _acts_from(change: Change, line: Line, step: int) -> int:
    """The step from which on it acts, on the way to that step of that line: a change that came while steps were being
    made acts after the last of them."""
    for event in line.events(step):
        if event["step"] >= change.step and change.names & set(event["controls"]):
            return event["step"]
    return change.step


def _on_path(act: Act, line: Line, step: int) -> bool:
    """Whether the way from the root to that step of that line leads over the change, or begins by the restart."""
    if isinstance(act, Restart):
        return act.line in line.path()
    return act.step <= step and line.owner(act.step) is act.line.owner(act.step)
