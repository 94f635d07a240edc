"""Studies of a run: probes that take longer than a frame, for those views that somebody has chosen.

Frames leave the present moment of each run on its Desk; one thread of the server takes the newest there is and leaves
the arrays. Nothing queues: a moment that nobody has come to is replaced by the next. A probe that is computed over
several turns stays with the moment at which it was begun, until something else is asked of it.
"""

from __future__ import annotations

import atexit
import itertools
import os
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import NamedTuple

import torch

from gandyn.core.experiment import Experiment
from gandyn.core.types import State
from gandyn.live.frame import Column
from gandyn.live.probing import NOTHING, Chosen, run_probe
from gandyn.live.pulse import PULSE
from gandyn.live.schema import StudyHead
from gandyn.probes import PROBES, InTurns

SHORTEST, LONGEST = 0.25, 1.1  # seconds between two computations of a study of one run
TURN = 0.25  # seconds of the processor that one turn of a probe in several takes, and a part of it more
SHARE = 0.08  # of the time of one processor that a study may take where its computations are long
NICE = 7  # how far the thread stands behind those that train
LINGER = 5.0  # seconds without work after which the thread ends
LONGEST_END = 2.0  # seconds that the program waits for a probe at its end
_IDS = itertools.count(1)  # of results, of any run: a viewer knows by it what it has


class Moment(NamedTuple):
    """One GAN at one step. `of`: the objects that it was read from; the same objects are the same moment."""

    of: tuple[object, ...]
    experiment: Experiment
    state: State

    def is_that_of(self, of: tuple[object, ...]) -> bool:
        """Whether these are the very objects that it was read from."""
        return len(of) == len(self.of) and all(a is b for a, b in zip(of, self.of, strict=True))

    def is_under(self, of: tuple[object, ...]) -> bool:
        """Whether they are but for the state: the same GAN under the same experiment."""
        return all(a is b for a, b in zip(of[1:], self.of[1:], strict=True))


NO_CHOICES: Mapping[str, Chosen] = {}


class Result(NamedTuple):
    """What a study found at a moment: its columns, named like the probe's arrays, under the study's name as source."""

    id: int
    head: StudyHead
    columns: tuple[Column, ...]
    of: tuple[object, ...]
    due: float  # when it may be computed again, by time.monotonic
    chosen: Chosen = NOTHING
    in_turns: bool = False  # whether it is computed over several turns
    complete: bool = True

    def is_of(self, moment: Moment, chosen: Chosen) -> bool:
        """Whether it is what is asked for: of this moment, or begun at one under the same experiment, and chosen so."""
        same = moment.is_under if self.in_turns else moment.is_that_of
        return same(self.of) and self.chosen is chosen and self.complete


class Begun(NamedTuple):
    """A probe on its way over several turns."""

    moment: Moment
    chosen: Chosen
    work: InTurns


class Desk:
    """The studies of one run: what is asked for, of which moment, and what was found last."""

    def __init__(self) -> None:
        self.results: dict[str, Result] = {}  # replaced as a whole
        self.count = 0  # how often they were
        self._asked: tuple[frozenset[str], Moment | None, Mapping[str, Chosen]] = frozenset(), None, {}
        self._begun: dict[str, Begun] = {}
        self._wake: Callable[[], None] = lambda: None
        self._lock = threading.Lock()

    def ask(
        self,
        names: frozenset[str],
        moment: Moment | None,
        wake: Callable[[], None] = lambda: None,
        chosen: Mapping[str, Chosen] = NO_CHOICES,
    ) -> dict[str, Result]:
        """Have these probes computed at this moment, in place of what was asked before; what is known of them.

        `chosen`: of each what a person has chosen; another mapping, even of the same, asks for it anew. `wake` is
        called from another thread when there is something new. No moment: of a run that shows nothing.
        """
        with self._lock:
            self._asked, self._wake = (names, moment, chosen), wake
            if self.results.keys() - names:
                self.results = {name: one for name, one in self.results.items() if name in names}
            if self._begun.keys() - names:
                self._begun = {name: one for name, one in self._begun.items() if name in names}
            known = self.results
        if self.due() is not None:
            WORKER.serve(self)
        return known

    def due(self) -> tuple[float, str] | None:
        """When which study is to be computed next; None where all are of the moment."""
        (names, moment, chosen), results = self._asked, self.results
        if moment is None:
            return None
        old = [name for name in names if name not in results or not results[name].is_of(moment, _of(chosen, name))]
        return min(((results[name].due if name in results else 0.0, name) for name in old), default=None)

    def compute(self, name: str) -> None:
        """One study, at the moment that is newest now, or a turn of one that was begun before."""
        _, moment, every = self._asked
        if moment is None:
            return
        chosen = _of(every, name)
        start = time.thread_time()  # of the processor: what it had to wait for makes nobody else wait
        begun = self._begun.get(name)
        if begun is None or begun.chosen is not chosen or not moment.is_under(begun.moment.of):
            begun = None
        moment = begun.moment if begun else moment
        head, columns, work = run_probe(
            name, moment.experiment, moment.state, chosen, begun and begun.work, start + TURN
        )
        took = time.thread_time() - start
        due = time.monotonic() + min(max(SHORTEST, took / SHARE - took), LONGEST)
        in_turns = PROBES[name].in_turns is not None
        result = Result(next(_IDS), head, columns, moment.of, due, chosen, in_turns, work is None)
        with self._lock:
            if name not in self._asked[0]:
                return
            others = {other: one for other, one in self._begun.items() if other != name}
            self._begun = {**others, name: Begun(moment, chosen, work)} if work else others
            self.results = {**self.results, name: result}
            self.count += 1
            wake = self._wake
        wake()


def _of(chosen: Mapping[str, Chosen], name: str) -> Chosen:
    return chosen.get(name, NOTHING)


class Worker:
    """The thread that computes studies, one at a time, those that have waited longest first; it ends when idle."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._desks: dict[Desk, None] = {}
        self._awake = threading.Event()
        self._thread: threading.Thread | None = None
        self._ended = False

    def serve(self, desk: Desk) -> None:
        """Compute what is due on this desk, until nothing is."""
        with self._lock:
            if self._ended:
                return
            if desk not in self._desks:
                self._desks[desk] = None
                self._awake.set()
            if self._thread is None:
                self._thread = threading.Thread(target=self._loop, name="gandyn-studies", daemon=True)
                self._thread.start()

    def end(self) -> None:
        """Compute nothing any more, and wait for the probe in work, for a while."""
        with self._lock:
            self._ended, thread = True, self._thread
            self._awake.set()
        if thread is not None:
            thread.join(LONGEST_END)

    def _loop(self) -> None:
        _stand_back()
        torch.set_num_threads(1)
        idle_since = time.monotonic()
        while True:
            self._awake.clear()
            with self._lock:
                due = {desk: when for desk in self._desks if (when := desk.due()) is not None}
                self._desks = dict.fromkeys(due)
                now = time.monotonic()
                if self._ended or (not due and now - idle_since >= LINGER):
                    self._thread = None
                    return
            if not due:
                self._awake.wait(LINGER)
                continue
            desk, (when, name) = min(due.items(), key=lambda item: item[1])
            if when > now:
                self._awake.wait(when - now)
                continue
            PULSE.give_way()
            desk.compute(name)
            idle_since = time.monotonic()


def _stand_back() -> None:
    """Let this thread yield to those that train and serve, where the system knows priorities of threads."""
    if hasattr(os, "setpriority"):
        with suppress(OSError):
            os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), NICE)  # of the thread alone, on Linux


WORKER = Worker()  # of this process


@atexit.register
def _end() -> None:
    """A thread within torch when the interpreter ends aborts the whole process."""
    WORKER.end()
