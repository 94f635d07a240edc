"""The signals that ask a program to stop so that it can go on later: Ctrl-C, SIGTERM, SIGHUP, SIGUSR1."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Self

# SIGHUP is what a terminal sends that is closed, SIGUSR1 what schedulers send some time before a limit (Slurm's
# --signal=USR1@120); Windows has neither.
_UNIX = tuple(getattr(signal, name) for name in ("SIGHUP", "SIGUSR1") if hasattr(signal, name))
STOPS = (signal.SIGINT, signal.SIGTERM, *_UNIX)


def obeyed() -> list[signal.Signals]:
    """Those of STOPS that stop this process: not SIGHUP where it came into the world ignoring it, as under nohup."""
    hangup = getattr(signal, "SIGHUP", None)
    return [number for number in STOPS if number != hangup or signal.getsignal(number) is not signal.SIG_IGN]


class Interrupt:
    """While it is entered, the first of those obeyed is noted instead of raised, so that the work can end where it may.

    The second one raises KeyboardInterrupt, with a line that tells how to go on.
    """

    def __init__(self, go_on: str) -> None:
        """`go_on`: the command that does."""
        self._go_on = go_on
        self._came = False

    def __call__(self) -> bool:
        """Whether one came."""
        return self._came

    def __enter__(self) -> Self:
        self._before = {number: signal.signal(number, self._note) for number in obeyed()}
        return self

    def __exit__(self, *error: object) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)

    def _note(self, number: int, frame: FrameType | None) -> None:
        if self._came:
            raise KeyboardInterrupt(f"go on: {self._go_on}")
        self._came = True


@contextmanager
def stoppable() -> Iterator[None]:
    """While it is entered, every one obeyed raises KeyboardInterrupt, as Ctrl-C does: nothing is to be saved yet."""
    if threading.current_thread() is not threading.main_thread():  # only there do handlers run
        yield
        return
    before = {number: signal.signal(number, signal.default_int_handler) for number in obeyed()}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@contextmanager
def withheld() -> Iterator[None]:
    """Processes that are started meanwhile get none of STOPS but SIGTERM: terminals and schedulers send them to all.

    SIGTERM reaches them: with it their parent ends them. Where there are no masks (Windows) it does nothing.
    """
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    from multiprocessing import resource_tracker

    resource_tracker.ensure_running()  # multiprocessing starts it with the first process, and unblocks SIGINT then
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT, *_UNIX})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
