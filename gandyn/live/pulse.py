"""The pulse of a server's event loop: where it falters, somebody waits for a page, and steppers give way."""

from __future__ import annotations

import math
import time

BEAT = 0.02  # seconds between two beats
LATE = 0.05  # seconds without one after which the loop is busy with something long: a page that is built
AWHILE = 0.1  # seconds that a stepper gives way for, at most, before it serves one of its broadcasts
NAP = 0.005  # seconds


class Pulse:
    """Beaten by the loop, felt by steppers. One that has not begun, or was stopped, is never late."""

    def __init__(self) -> None:
        self._last = math.inf

    def beat(self) -> None:
        """The loop is at work."""
        self._last = time.monotonic()

    def stop(self) -> None:
        """There is no loop any more."""
        self._last = math.inf

    def give_way(self) -> float:
        """Sleep while the pulse is late, for AWHILE at most: the interpreter is the loop's then. Seconds it was."""
        start = now = time.monotonic()
        while now - self._last > LATE and now - start < AWHILE:
            time.sleep(NAP)
            now = time.monotonic()
        return now - start


PULSE = Pulse()  # of this process
