"""Which libraries a step uses on this machine: the fastest that are accurate, and how that is found out.

What was decided is written into checkpoints and traces, because another choice gives other last bits.
"""

from __future__ import annotations

import math
import os
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from typing import Any, NamedTuple

import torch
from torch import Tensor

from gandyn.core import checks
from gandyn.core.fused.products import by_flag, linear, numpy_tanh

NEVER = 2**62
MOST_THREADS = 1024
TOLERANCE = 1e-6  # relative error against float64 that a back end may have
FASTER = 1.15  # how much faster it must be to be taken
SIZES = ((2**20, (256, 64, 64)), (2**21, (512, 64, 64)), (2**23, (512, 128, 128)))  # (multiply-adds, their shape)
ROUNDS = 15


class Backend(NamedTuple):
    """What multiplies and what computes tanh; plain values, so that it can be stored."""

    onednn_from: int = NEVER  # multiply-adds from which a product goes to oneDNN; torch's own (MKL) below
    tanh: str = "torch"  # or "numpy"
    flag: bool = False  # whether products may set torch's flag for oneDNN meanwhile: see claim
    threads: int = 1  # of torch; a program that claims its process sets them, a server's stepper has one

    def as_dict(self) -> dict[str, Any]:
        """JSON-able; `onednn_from` is null for never."""
        return {**self._asdict(), "onednn_from": None if self.onednn_from >= NEVER else self.onednn_from}

    @classmethod
    def from_dict(cls, stored: Mapping[str, Any]) -> Backend:
        """What `as_dict` gave; ValueError with one line for anything else."""
        try:
            begins = stored["onednn_from"]
            begins = NEVER if begins is None else checks.integer("onednn_from", begins, 1, NEVER)
            tanh = checks.choice("tanh", stored["tanh"], ("torch", "numpy"))
            threads = checks.integer("threads", stored.get("threads", 1), 1, MOST_THREADS)
            return cls(begins, tanh, checks.boolean("flag", stored["flag"]), threads)
        except (KeyError, TypeError):
            raise ValueError(f"the stored back ends are no back ends: {stored!r}") from None


_process = {"claimed": False}
PORTABLE = Backend()  # torch's own everywhere: the same bits wherever torch's are
SWITCH = "GANDYN_PORTABLE"  # set in the environment: PORTABLE, whatever would be faster


def _seconds(*calls: Callable[[], object]) -> list[float]:
    """The shortest time of each, taken in turns: what else the machine does only adds to it."""
    times: list[list[float]] = [[] for _ in calls]
    for _ in range(ROUNDS):
        for kept, call in zip(times, calls, strict=True):
            start = time.perf_counter()
            call()
            kept.append(time.perf_counter() - start)
    return [min(kept) for kept in times]


def _error(found: Tensor, exact: Tensor) -> float:
    return float((found.double() - exact).norm() / exact.norm())


def _product_wins(rows: int, k: int, n: int, generator: torch.Generator) -> bool:
    x, weight = (torch.randn(shape, generator=generator) for shape in ((rows, k), (k, n)))
    out = torch.empty(rows, n)
    if _error(linear(x, weight.mT, None), x.double() @ weight.double()) > TOLERANCE:
        return False
    ours, theirs = _seconds(lambda: linear(x, weight.mT, None), lambda: torch.mm(x, weight, out=out))
    return theirs > FASTER * ours


@cache
def measure() -> Backend:
    """The fastest back ends of this machine whose relative error is at most TOLERANCE; measured once a process."""
    generator = torch.Generator().manual_seed(0)
    begins = NEVER
    try:
        for macs, shape in reversed(SIZES):  # from the largest down, as long as it wins
            if not _product_wins(*shape, generator):
                break
            begins = macs
    except (RuntimeError, AttributeError):  # a torch without oneDNN
        begins = NEVER
    x = torch.randn(256, 128, generator=generator)
    ours, theirs = _seconds(lambda: numpy_tanh(x.clone()), lambda: torch.tanh_(x.clone()))
    exact = math.inf if ours * FASTER > theirs else _error(numpy_tanh(x.clone()), x.double().tanh())
    return Backend(begins, "numpy" if exact <= TOLERANCE else "torch")


def choose() -> Backend:
    """What a new run uses here."""
    if os.environ.get(SWITCH):
        return PORTABLE
    return measure()._replace(flag=_process["claimed"])


def claim() -> bool:
    """Say that one thread alone multiplies in this process from now on; whether its products may set torch's flag.

    The flag is the whole process's, and lets oneDNN use bfloat16 inside: where it does, the error shows and the flag is
    left alone. Command line programs and workers call it at their start, never a server.
    """
    _process["claimed"] = _flag_is_accurate()
    return _process["claimed"]


@contextmanager
def claimed() -> Iterator[bool]:
    """The same for as long as a program's work goes on."""
    before = _process["claimed"]
    try:
        yield claim()
    finally:
        _process["claimed"] = before


@cache
def _flag_is_accurate() -> bool:
    generator = torch.Generator().manual_seed(0)
    x, weight = (torch.randn(shape, generator=generator) for shape in ((64, 128, 32), (64, 32, 32)))
    try:
        found = by_flag(torch.bmm, x, weight, out=torch.empty(64, 128, 32))
    except (RuntimeError, TypeError):  # a torch without that flag
        return False
    return _error(found, x.double() @ weight.double()) <= TOLERANCE


def here(stored: Backend | None) -> tuple[Backend, str | None]:
    """What a run that was computed with `stored` can use here, and one line if its bits may differ for it."""
    if stored is None:
        return choose(), "it does not say which libraries computed it: the last bits may differ"
    if (stored.flag or stored.threads > 1) and not _process["claimed"]:
        line = "here other threads multiply, too, so other libraries do, and one thread: bits may differ"
        return stored._replace(flag=False, threads=1), line
    return stored, None
