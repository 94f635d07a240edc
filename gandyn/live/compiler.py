"""A background thread that compiles, so that whoever trains or serves a page need not wait for it."""

from __future__ import annotations

import logging
import threading
from collections import deque
from collections.abc import Callable
from functools import lru_cache

import torch

from gandyn.core import native
from gandyn.core.play import update_numbers
from gandyn.core.rng import places
from gandyn.core.types import Rule

log = logging.getLogger(__name__)


class Compiler:
    """Prepares the kernels that it is asked for, one after another; its thread ends when there is nothing to do.

    A compilation holds the interpreter for pauses of up to 20 ms. A kernel that cannot be compiled counts as ready: the
    step that needs it then says why.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._asked: deque[tuple[Rule, torch.dtype]] = deque()
        self._in_work: tuple[Rule, torch.dtype] | None = None
        self._failed: set[tuple[Rule, torch.dtype]] = set()
        self._filling = False
        self._thread: threading.Thread | None = None
        self._prepare_numbers: Callable[[], None] | None = None

    def is_ready(self, rule: Rule, dtype: torch.dtype) -> bool:
        """Whether steps under this rule can be taken without a compilation; if not, one is asked for."""
        kernel = _least(rule), dtype
        if native.is_ready(*kernel) or kernel in self._failed:
            return True
        with self._lock:
            if kernel in self._asked:
                self._asked.remove(kernel)
            if kernel != self._in_work:
                self._asked.appendleft(kernel)  # somebody waits: before those that nobody waits for
            self._start()
        return False

    def fill_cache(self) -> bool:
        """Ask for all kernels of the laboratory; whether there is anything to compile for the first time."""
        if not native.INSTALLED or native.is_cache_complete(torch.float32):
            return False
        with self._lock:
            self._asked.extend((_least(rule), torch.float32) for rule in native.kernels().values())
            self._filling = True
            self._start()
        return True

    def _start(self) -> None:
        if self._thread is None:
            self._prepare_numbers = self._prepare_numbers or places.begin_preparing()
            self._thread = threading.Thread(target=self._loop, name="gandyn-compiler", daemon=True)
            self._thread.start()

    def _loop(self) -> None:
        from gandyn.live.short_pauses import short_pauses  # loads numba

        assert self._prepare_numbers is not None
        try:
            with short_pauses():
                self._prepare_numbers()
        except Exception as error:  # noqa: BLE001  who draws next raises it again
            log.warning("what draws random numbers could not be compiled: %s", error)
        while True:
            with self._lock:
                self._in_work = kernel = self._asked.popleft() if self._asked else None
                if kernel is None:
                    self._thread = None
                    if self._filling and not self._failed:
                        native.mark_cache_complete(torch.float32)
                    return
            try:
                with short_pauses():
                    native.prepare(*kernel)
            except Exception as error:  # noqa: BLE001  the step that needs it raises it again, before a person
                log.warning("the training step could not be compiled: %s", error)
                self._failed.add(kernel)


@lru_cache(maxsize=64)
def _least(rule: Rule) -> Rule:
    """The rule without what nothing is compiled for: all rules that share a kernel have the same one."""
    together = len(update_numbers(rule)) == 1 and rule.freeze == "none" and not rule.unroll
    order = "simultaneous" if together else "alternating"
    ahead = {"unroll": 1, "unroll_order": rule.unroll_order} if rule.unroll else {}
    return Rule(rule.objective, rule.penalty, order=order, **ahead)


COMPILER = Compiler()
