"""A compilation beside other threads: its garbage is collected in small portions, each of a few milliseconds."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager

# The whole package first: who begins with a part of it while another thread imports the whole may hand that thread the
# part half imported.
import numba  # noqa: F401
from numba.core.event import Listener, install_listener

NEVER = 2**31 - 1


class _AfterEachFunction(Listener):
    """Collects what the compilation of one function has left, and leaves out of the next collections what is alive."""

    def on_start(self, event: object) -> None:
        pass

    def on_end(self, event: object) -> None:
        gc.collect()
        gc.freeze()


@contextmanager
def short_pauses() -> Iterator[None]:
    """Within it no collection walks over all objects of the process, which stops every thread for 0.2 s.

    A compilation makes a million objects that refer to each other. Collections by count would walk over all that are
    alive, again and again; here each function's are collected by themselves as soon as it is compiled.
    """
    before = gc.get_threshold()
    gc.freeze()
    gc.set_threshold(*before[:2], NEVER)
    try:
        with install_listener("numba:compile", _AfterEachFunction()):
            yield
    finally:
        gc.set_threshold(*before)
        gc.unfreeze()
