"""An hour of a page: its past stays within its budget, and so does the process."""

import ctypes
import gc
from functools import partial
from pathlib import Path
from types import SimpleNamespace

import pytest

import gandyn
from gandyn.core.bounds import MEGABYTE
from gandyn.live import broadcast as module
from gandyn.live.broadcast import Broadcast
from gandyn.live.frame import LAYERS
from gandyn.live.frame_builder import FrameBuilder
from gandyn.timeline.kept import BUDGET, size
from tests.live.test_run import same, small
from tests.live.test_stepper import Someone

SPEED = 60
HOUR = 3600 * SPEED  # steps
CHANGED, SEEN = 10_000, 500  # steps between two changes of a control, and between two frames
BRANCHES = {80_000: 41_234, 160_000: 100_003}  # after so many steps of the session: back to which step
ROOM = 96 * MEGABYTE  # beside the budget: series, readings, frames, and what the allocator holds back


def resident() -> int:
    """Bytes of this process that are in memory."""
    with Path("/proc/self/status").open() as file:
        return next(1024 * int(line.split()[1]) for line in file if line.startswith("VmRSS"))


class Hour:
    """A page's session in which the stepper makes one step a turn, as at that speed; the clock alone goes faster."""

    def __init__(self, clock: SimpleNamespace) -> None:
        self.clock, self.done, self.turns = clock, 0, 0
        self.broadcast = Broadcast(gandyn.Run(small(), measured=True), FrameBuilder(), speed=SPEED)
        self.broadcast.viewers.add(Someone(LAYERS - {"many"}))
        self.run = self.broadcast.run

    def turn(self) -> None:
        self.clock.now += 1.001 / SPEED
        before = self.run.state.step
        self.broadcast.serve()
        self.turns += 1
        self.done += max(0, self.run.state.step - before)
        assert self.run.timeline.kept.used <= BUDGET

    def change(self, odd: bool) -> None:
        self.run.timeline.change(lr_d=6e-4 if odd else 5e-4, unroll=int(odd))

    def play(self, steps: int) -> None:
        end = self.done + steps
        while self.done < end:
            self.turn()
            if self.done % SEEN == 0:
                self.broadcast.want_frame()

    def branch(self, step: int, **controls: float) -> None:
        """Back to a step, and on from there otherwise; what is made again on the way there is not counted."""
        done = self.done
        self.broadcast.look(step, pause=False)
        self.broadcast.do(partial(self.run.timeline.change, **controls))
        while self.broadcast.seeking is not None:
            self.turn()
        self.done = done


@pytest.mark.slow
def test_an_hour_at_60_steps_a_second_stays_within_its_budget(monkeypatch):
    if not Path("/proc/self/status").exists():
        pytest.skip("this system does not say how much memory a process has")
    clock = SimpleNamespace(now=0.0)
    monkeypatch.setattr(module, "time", SimpleNamespace(monotonic=lambda: clock.now, thread_time=lambda: 0.0))
    first = Hour(clock)  # what any session of the process loads: kernels, probes
    for odd in (True, False):
        first.change(odd)
        first.play(3 * SEEN)
    del first
    gc.collect()
    if hasattr(ctypes.CDLL(None), "malloc_trim"):  # else the session would grow into what others have freed
        ctypes.CDLL(None).malloc_trim(0)
    before, grown = resident(), []
    hour = Hour(clock)
    for i in range(1, HOUR // CHANGED + 1):
        hour.play(CHANGED)
        hour.change(odd=i % 2 == 1)
        grown.append((resident() - before) / MEGABYTE)
        if (step := BRANCHES.get(hour.done)) is not None:
            hour.branch(step, lr_g=2e-3)
    hour.play(HOUR - hour.done)
    run, kept = hour.run, hour.run.timeline.kept
    assert hour.done == HOUR and hour.turns < 1.01 * HOUR and hour.broadcast.notice is None
    assert len(run.timeline.lines) == 1 + len(BRANCHES) and len(run.events()) > 10
    assert kept.used == sum(size(moment) for line in run.timeline.lines for moment in line.kept)
    assert kept.used > 0.8 * BUDGET, "the room is used"
    assert max(grown) < (BUDGET + ROOM) / MEGABYTE, grown
    state, step = run.state, run.state.step
    for back in (1, 1_000, 50_000):
        run.seek(step - back)
        assert run.state.step == step - back
    run.seek(step)
    assert same(run.state, state)
