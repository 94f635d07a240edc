"""Whoever waits for the compiler is told so."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from gandyn.core import native

COMPILING = "compiling the training step of these settings, once on this machine ..."


@contextmanager
def first_compilation(tell: Callable[[], object]) -> Iterator[None]:
    """Within it `tell` is called once, when something begins to be compiled: not where the cache has it."""
    if not native.INSTALLED:
        yield
        return
    from numba.core import event

    class First(event.Listener):
        called = False

        def on_start(self, event: object) -> None:
            if not self.called:
                self.called = True
                tell()

        def on_end(self, event: object) -> None:
            pass

    with event.install_listener("numba:compile", First()):
        yield
