"""The threads that train: each steps its broadcasts in turn, in slices, and sleeps when there is nothing to do."""

from __future__ import annotations

import atexit
import os
import sys
import threading
from collections.abc import Iterator, Sequence

import torch

from gandyn.live.broadcast import Broadcast
from gandyn.live.pulse import PULSE

LONGEST_SLEEP = 0.5  # seconds; bounds how late a viewer who vanished or came back is noticed
LONGEST_END = 2.0  # seconds that the program waits for a step at its end
THREADS = 1  # of torch
LONG = 0.02  # seconds of a step from which on its broadcast has a thread of its own kind: nobody waits for its end
TURN = 1e-3  # seconds after which a thread that computes in Python gives way to one that waits: python has 5 ms


class Stepper:
    """A background thread that serves broadcasts. It ends by itself when it has none left."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._lock = threading.Lock()
        self._broadcasts: tuple[Broadcast, ...] = ()
        self._awake = threading.Event()
        self._thread: threading.Thread | None = None

    def __len__(self) -> int:
        return len(self._broadcasts)

    def add(self, broadcast: Broadcast) -> None:
        """Serve this broadcast from now on."""
        with self._lock:
            broadcast.wake = self._awake.set
            self._broadcasts = (*self._broadcasts, broadcast)
            self._awake.set()
            if self._thread is None:
                self._thread = threading.Thread(target=self._loop, name=self._name, daemon=True)
                self._thread.start()

    def remove(self, broadcast: Broadcast) -> bool:
        """Stop serving it; the thread ends with the last one. Whether it was served here."""
        with self._lock:
            served = broadcast in self._broadcasts
            self._broadcasts = tuple(b for b in self._broadcasts if b is not broadcast)
            if served:
                broadcast.wake = lambda: None
            self._awake.set()
            return served

    def end(self) -> None:
        """Serve none any more, and wait for the thread to end, for a while."""
        with self._lock:
            self._broadcasts, thread = (), self._thread
            self._awake.set()
        if thread is not None and thread is not threading.current_thread():
            thread.join(LONGEST_END)

    def _loop(self) -> None:
        sys.setswitchinterval(TURN)  # a stepper that waits for the server's thread stands still
        torch.set_num_threads(THREADS)  # in this thread: OpenMP workers that spin would make a step ten times longer
        while True:
            with self._lock:
                served = self._broadcasts
                if not served:
                    self._thread = None
                    return
            watched = sum(broadcast.watched() for broadcast in served)
            for broadcast in served:
                broadcast.frame_rate.neighbours = watched
            self._awake.clear()
            wait = min(self._serve(broadcast) for broadcast in in_turn(served))
            for broadcast in served:
                _place(broadcast, self)
            if wait > 0:
                self._awake.wait(min(wait, LONGEST_SLEEP))

    @staticmethod
    def _serve(broadcast: Broadcast) -> float:
        PULSE.give_way()
        broadcast.hurried = False
        return broadcast.serve()


def in_turn(broadcasts: Sequence[Broadcast]) -> Iterator[Broadcast]:
    """Each of them once, and between any two those for which somebody waits."""
    for broadcast in broadcasts:
        yield from (one for one in broadcasts if one.hurried and one is not broadcast)
        yield broadcast


QUICK = [Stepper(f"gandyn-stepper-{i}") for i in range(max(1, int(os.environ.get("GANDYN_STEPPERS", "1"))))]
SLOW = Stepper("gandyn-stepper-slow")  # of what has steps that cannot be interrupted for LONG
STEPPERS = [*QUICK, SLOW]
_placing = threading.Lock()


def serve(broadcast: Broadcast) -> None:
    """Hand a broadcast to the stepper with the fewest."""
    min(QUICK, key=len).add(broadcast)


def dismiss(broadcast: Broadcast) -> None:
    """Take a broadcast away from whichever stepper serves it."""
    with _placing:
        for stepper in STEPPERS:
            stepper.remove(broadcast)


def _place(broadcast: Broadcast, here: Stepper) -> None:
    """To the steppers of its kind, if its steps have become long or short; between two turns of the one `here`."""
    if (broadcast.longest_step() > LONG) == (here is SLOW):
        return
    with _placing:
        if here.remove(broadcast):
            (min(QUICK, key=len) if here is SLOW else SLOW).add(broadcast)


@atexit.register
def _end_all() -> None:
    """A thread within torch when the interpreter ends aborts the whole process."""
    for stepper in STEPPERS:
        stepper.end()
