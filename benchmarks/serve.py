"""`panel serve apps/dynamics.py`, with a note of when each change reached a training step and of what steps cost.

    python -m benchmarks.serve PORT LOG

The notes are lines of JSON in LOG, on the clock of time.time(), which a browser on the same machine shares.
"""

from __future__ import annotations

import json
import sys
import threading
import time
from pathlib import Path
from typing import Any

from gandyn.core.experiment import Experiment
from gandyn.core.types import Metrics, State
from gandyn.live.broadcast import Broadcast
from gandyn.live.frame import Frame
from gandyn.live.frame_builder import FrameBuilder
from gandyn.timeline.walker import Walker

APP = Path(__file__).parents[1] / "apps" / "dynamics.py"
EVERY = 0.25  # seconds between notes of the costs


class Tap:
    """Writes the notes. Called by the one thread that steps."""

    def __init__(self, path: str) -> None:
        self._file = open(path, "a", buffering=1, encoding="utf-8")  # noqa: SIM115  as long as the process
        self._controls_of: Experiment | None = None
        self._due = 0.0
        self._costs = {"steps": 0, "step_cpu": 0.0, "frames": 0, "frame_cpu": 0.0}

    def note(self, **what: Any) -> None:
        self._file.write(json.dumps(what) + "\n")

    def cost(self, kind: str, seconds: float, times: int = 1) -> None:
        self._costs[f"{kind}s"] += times
        self._costs[f"{kind}_cpu"] += seconds
        if time.monotonic() >= self._due:
            self._due = time.monotonic() + EVERY
            self.note(at=time.time(), thread=threading.get_native_id(), **self._costs)

    def install(self) -> None:
        following, paint = Walker.steps, FrameBuilder.__call__

        def steps(walker: Walker, state: State, now: Experiment, count: int) -> tuple[State, Metrics]:
            start, began = time.thread_time(), time.time()
            states = following(walker, state, now, count)
            self.cost("step", time.thread_time() - start, count)
            if now is not self._controls_of:  # the first step of these controls
                self._controls_of = now
                self.note(began=began, done=time.time(), step=state.step, controls=now.values())
            return states

        def __call__(frame_builder: FrameBuilder, broadcast: Broadcast, layers: frozenset[str]) -> Frame:
            start = time.thread_time()
            frame = paint(frame_builder, broadcast, layers)
            self.cost("frame", time.thread_time() - start)
            return frame

        Walker.steps, FrameBuilder.__call__ = steps, __call__


def main() -> None:
    from panel.command import main as panel

    port, log = sys.argv[1:]
    Tap(log).install()
    origins = [word for host in ("127.0.0.1", "localhost") for word in ("--allow-websocket-origin", f"{host}:{port}")]
    sys.argv = ["panel", "serve", str(APP), "--address", "127.0.0.1", "--port", port, *origins]
    panel()


if __name__ == "__main__":
    main()
