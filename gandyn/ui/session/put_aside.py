"""What a page showed before other runs took its place: undo brings it back."""

from __future__ import annotations

import time
from typing import NamedTuple

from gandyn.live.run import Run

MOST = 4  # of them
BRIEF = 1.0  # seconds: what was there for less, as between two values of a slider that moves, is not kept


class Scene(NamedTuple):
    """Runs as a page showed them."""

    runs: tuple[Run, ...]
    steered: int | None
    lane: int
    speed: float
    bookmarks: list[dict[str, int]]


class PutAside:
    """Scenes that others have taken the place of, the latest last, and those from which undo came back."""

    def __init__(self) -> None:
        self._scenes: dict[str, list[Scene]] = {"undo": [], "redo": []}
        self._since = time.monotonic()  # the present one is there

    def put(self, scene: Scene) -> None:
        """Others take the place of this one: it is kept where a step was made in it."""
        now = time.monotonic()
        if now - self._since >= BRIEF and any(_has_steps(run) for run in scene.runs):
            self._scenes["undo"] = [*self._scenes["undo"], scene][-MOST:]
            for run in scene.runs:
                run.timeline.changes.forget_undone()
        self._scenes["redo"].clear()
        self._since = now

    def next(self, way: str) -> tuple[Run, ...]:
        """The runs to which "undo", or "redo", leads; none where it leads nowhere."""
        return self._scenes[way][-1].runs if self._scenes[way] else ()

    def take(self, way: str, present: Scene) -> Scene | None:
        """The scene to which "undo", or "redo", leads from the present one; None: there is none."""
        if not self._scenes[way]:
            return None
        self._since = time.monotonic()
        self._scenes["redo" if way == "undo" else "undo"].append(present)
        return self._scenes[way].pop()

    def runs(self, present: tuple[Run, ...]) -> tuple[Run, ...]:
        """Those of all scenes that are not among the present ones."""
        kept = (run for scenes in self._scenes.values() for scene in scenes for run in scene.runs)
        return tuple(dict.fromkeys(run for run in kept if run not in present))


def _has_steps(run: Run) -> bool:
    return any(line.stop > line.start for line in run.timeline.lines)
