"""A run as a part of what is on the air."""

from __future__ import annotations

import time
from typing import NamedTuple

from gandyn.live.run import Run


class Track:
    """One of the runs of a broadcast, beside others in a comparison."""

    def __init__(self, run: Run) -> None:
        self.run = run
        self.stopped: str | None = None  # why it stands still while the others go on
        self.seconds = 0.0  # that a step of it takes, about

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
