"""A run as a part of what is on the air."""

from __future__ import annotations

import math
import time
from collections.abc import Sequence
from typing import NamedTuple

from gandyn.live.run import Run
from gandyn.live.studies import Desk
from gandyn.timeline.last_finite import Diverged


class Track:
    """One of the runs of a broadcast, beside others in a comparison."""

    def __init__(self, run: Run) -> None:
        self.run = run
        self.stopped: str | None = None  # why it stands still while the others go on
        self.seconds = 0.0  # that a step of it takes, about
        self.studies = Desk()

    @property
    def step(self) -> int:
        """The step at which it stands."""
        return self.run.state.step

    def advance(self, n: int, seconds: float | None, freeze: str | None) -> int:
        """Run.advance; only what blocks has a kernel compiled."""
        start = time.monotonic()
        done = self.run.advance(n, seconds=seconds, freeze=freeze, compile=seconds is None)
        if done:
            self.seconds = (time.monotonic() - start) / done
        return done


class Program(NamedTuple):
    """What is on the air. Assigned at once, so whoever reads it sees runs and stamp of one moment."""

    stamp: int  # grows with every run that is put on: frames from before it are dropped
    tracks: tuple[Track, ...]

    def fit(self, room: int) -> None:
        """Keep the past of all runs within so many bytes together."""
        for track in self.tracks:
            track.run.timeline.kept.fit(room // len(self.tracks), track.step)


def advance_all(tracks: Sequence[Track], n: int, seconds: float | None, freeze: str | None) -> int:
    """n steps of every run, or as many as the slowest of them makes within its share of `seconds`."""
    moving = sorted((track for track in tracks if not track.stopped), key=lambda track: (track.step, -track.seconds))
    limit = None if seconds is None else seconds / max(1, len(moving))
    done, goal = 0, None
    for track in moving:
        before = track.step
        if goal is not None and goal <= before:  # it is ahead, since another one was taken back: it waits
            continue
        try:
            track.advance(n if goal is None else goal - before, limit, freeze)
        except Diverged as error:
            track.stopped = stopped_by(error)
            continue
        if goal is None:  # of the slowest: the others come as far, however long that takes
            goal, limit = track.step, None if limit is None else math.inf
        done = max(done, track.step - before)
    return done


def stopped_by(error: Diverged) -> str:
    """Why a run stands still, and the way on, in words."""
    return f"Stopped: {error}. Change a control and go on from there."
