"""The past of runs as the frames that a viewer would have been sent, at some steps of it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np

from gandyn.live.broadcast import Broadcast
from gandyn.live.frame import LAYERS
from gandyn.live.frame_builder import FrameBuilder
from gandyn.live.run import Run
from gandyn.timeline.branch import branched

MOMENTS = 200  # of a past
PIECE = 0.25  # seconds of steps between two looks whether it is still wanted
RECORDED_LAYERS = LAYERS - {"many"}  # the layers that are recorded
Progress = Callable[[int, int], None]  # (done, of); may raise to end it


class Recording(NamedTuple):
    """The messages of gandyn.live.frame, in the order of their steps; the last brings the series up to there."""

    steps: list[int]
    frames: list[bytes]


def copied(runs: Sequence[Run]) -> list[Run]:
    """Runs with the same past that stand where these do, to be walked without moving these; they keep their ids."""
    copies = [Run.of(branched(run.timeline)) for run in runs]
    for copy, run in zip(copies, runs, strict=True):
        copy.timeline.id = run.timeline.id
    return copies


def moments(first: int, last: int, most: int = MOMENTS) -> list[int]:
    """At most so many steps from the first to the last, evenly spread."""
    return np.unique(np.linspace(first, last, min(most, last - first + 1)).round().astype(int)).tolist()


def stand(run: Run, step: int, wanted: Callable[[], None]) -> None:
    """Let it stand at this step of its past; `wanted` is called in between and may raise."""
    while not run.seek(step, seconds=PIECE):
        wanted()


def record(
    runs: Sequence[Run], last: int, progress: Progress, *, lane: int = 0, speed: float = 0.0, most: int = MOMENTS
) -> Recording:
    """The frames of these runs, which are moved, from their first step to step `last`, a part for each run.

    A run that has not come so far stays at its last step. What changes seldom comes with the first frame, the last, and
    those at which a target has changed, as the real samples have then.
    """
    tips = [min(last, run.timeline.line.stop) for run in runs]
    broadcast = Broadcast(runs[0], builder := FrameBuilder(ahead=False), playing=False, speed=speed)
    broadcast.put(*runs)
    broadcast.lane = lane
    steps = moments(min(run.timeline.lines[0].start for run in runs), max(tips), most)
    frames, targets = [], None
    for done, step in enumerate(steps):
        progress(done, len(steps))
        for run, tip in zip(runs, tips, strict=True):
            stand(run, min(step, tip), lambda done=done: progress(done, len(steps)))
        before, targets = targets, [run.experiment.target for run in runs]
        frames.append(builder(broadcast, RECORDED_LAYERS).encode(series=targets != before or step == steps[-1]))
    progress(len(steps), len(steps))
    return Recording(steps, frames)
