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


class Changes:
    """The changes that were made, in order, and the places from which they were undone."""

    def __init__(self) -> None:
        self._made: list[Change] = []
        self._undone: list[tuple[Place, Change]] = []
        self._last = -DRAG  # when the last change was made

    def note(self, change: Change) -> None:
        """A change is made; those of one drag of a slider are one, at its first step."""
        now = time.monotonic()
        last = self._made[-1] if self._made else None
        drag = last is not None and now - self._last < DRAG and last.names == change.names
        self._last = now
        self._undone.clear()
        if not drag or last is None or not _on_path(last, change.line, change.step):
            self._made.append(change)

    def undo(self, line: Line, step: int, experiment: Experiment) -> Place | None:
        """Where the last change on the way to this place came to act, with the controls from before it; None if there
        is none. This place is remembered for `redo`."""
        for i in reversed(range(len(self._made))):
            if _on_path(self._made[i], line, step):
                change = self._made.pop(i)
                self._undone.append(((line, step, experiment), change))
                self._last = -DRAG
                return change.line, _acts_from(change, line, step), change.before
        return None

    def redo(self) -> Place | None:
        """The place from which was undone last."""
        if not self._undone:
            return None
        place, change = self._undone.pop()
        self._made.append(change)
        return place


def _acts_from(change: Change, line: Line, step: int) -> int:
    """The step from which on it acts, on the way to that step of that line: a change that came while steps were being
    made acts after the last of them."""
    for event in line.events(step):
        if event["step"] >= change.step and change.names & set(event["controls"]):
            return event["step"]
    return change.step


def _on_path(change: Change, line: Line, step: int) -> bool:
    """Whether the way from the root to that step of that line leads over the change."""
    return change.step <= step and line.owner(change.step) is change.line.owner(change.step)
