"""Where the matrix products and the tanh of the fused engine are computed: the machine's fastest, accurate way.

Each call says for itself which library multiplies; no process-wide flag of torch is touched, so threads do not
disturb one another. `measure` decides in a few tens of milliseconds; what it found is written into checkpoints and
traces, because another choice gives other last bits.
"""

from __future__ import annotations

import math
import os
import time
from collections.abc import Callable, Mapping
from functools import cache
from statistics import median
from typing import Any, NamedTuple

import numpy as np
import torch
from torch import Tensor

from gandyn.core import checks

THINNEST = 16  # a product with a narrower side is left to torch
NEVER = 2**62
TOLERANCE = 1e-6  # relative error against float64 that a back end may have
FASTER = 1.15  # how much faster it must be to be taken
SIZES = ((2**20, (256, 64, 64)), (2**21, (512, 64, 64)), (2**23, (512, 128, 128)))  # (multiply-adds, their shape)
ROUNDS = 15


class Backend(NamedTuple):
    """What multiplies and what computes tanh; plain values, so that it can be stored."""

    onednn_from: int = NEVER  # multiply-adds from which a product goes to oneDNN; torch's own (MKL) below
    tanh: str = "torch"  # or "numpy"

    def as_dict(self) -> dict[str, Any]:
        """JSON-able; `onednn_from` is null for never."""
        return {"onednn_from": None if self.onednn_from >= NEVER else self.onednn_from, "tanh": self.tanh}

    @classmethod
    def from_dict(cls, stored: Mapping[str, Any]) -> Backend:
        """What `as_dict` gave; ValueError with one line for anything else."""
        try:
            begins = stored["onednn_from"]
            begins = NEVER if begins is None else checks.integer("onednn_from", begins, 1, NEVER)
            return cls(begins, checks.choice("tanh", stored["tanh"], ("torch", "numpy")))
        except (KeyError, TypeError):
            raise ValueError(f"the stored back ends are no back ends: {stored!r}") from None


PORTABLE = Backend()  # torch's own everywhere: the same bits wherever torch's are
SWITCH = "GANDYN_PORTABLE"  # set in the environment: PORTABLE, whatever would be faster


def _linear(x: Tensor, weight: Tensor, bias: Tensor | None) -> Tensor:
    """x @ weight.T + bias by oneDNN."""
    return torch.ops.mkldnn._linear_pointwise(x, weight, bias, "none", [], "")


def _linear_plus(x: Tensor, weight: Tensor, bias: Tensor | None, other: Tensor) -> Tensor:
    """x @ weight.T + bias + other by oneDNN."""
    return torch.ops.mkldnn._linear_pointwise.binary(x, other, weight, bias, "add")


class Products(NamedTuple):
    """Products of matrices [R, n], or of stacks of them [N, R, n], with a leading axis of lanes."""

    lanes: bool
    onednn_from: int

    def _onednn(self, a: Tensor, n: int) -> bool:
        if self.lanes:
            return False
        rows, k = a.shape
        return rows * k * n >= self.onednn_from and min(rows, k, n) >= THINNEST

    def product(self, a: Tensor, b: Tensor, out: Tensor) -> Tensor:
        """a b in `out`, by torch."""
        return torch.bmm(a, b, out=out) if self.lanes else torch.mm(a, b, out=out)

    def affine(self, x: Tensor, weight: Tensor, bias: Tensor | None, out: Tensor) -> Tensor:
        """x W + b, in `out` or in new memory."""
        if self._onednn(x, weight.shape[-1]):
            return _linear(x, weight.mT, bias)
        if bias is None:
            return self.product(x, weight, out)
        return (torch.baddbmm if self.lanes else torch.addmm)(bias, x, weight, out=out)

    def add_affine(self, a: Tensor, x: Tensor, weight: Tensor) -> Tensor:
        """a + x W, in the memory of a or in new memory."""
        if self._onednn(x, weight.shape[-1]):
            return _linear_plus(x, weight.mT, None, a)
        return a.baddbmm_(x, weight) if self.lanes else a.addmm_(x, weight)

    def back(self, delta: Tensor, weight: Tensor, out: Tensor) -> Tensor:
        """delta W^T, in `out` or in new memory; where one column came out, an outer product."""
        if weight.shape[-1] == 1:
            return torch.mul(delta, weight.mT, out=out)
        if self._onednn(delta, weight.shape[-2]):
            return _linear(delta, weight, None)
        return self.product(delta, weight.mT, out)

    def add_back(self, a: Tensor, delta: Tensor, weight: Tensor) -> Tensor:
        """a + delta W^T, in the memory of a or in new memory."""
        if weight.shape[-1] == 1:
            return a.addcmul_(delta, weight.mT)
        if self._onednn(delta, weight.shape[-2]):
            return _linear_plus(delta, weight, None, a)
        return a.baddbmm_(delta, weight.mT) if self.lanes else a.addmm_(delta, weight.mT)

    def gradient(self, h: Tensor, delta: Tensor, out: Tensor, *, add: bool = False) -> None:
        """h^T delta into `out`, or onto it."""
        if self._onednn(h, delta.shape[-1]):
            found = _linear(delta.mT, h.mT, None).mT
            out.add_(found) if add else out.copy_(found)
        elif add:
            out.baddbmm_(h.mT, delta) if self.lanes else out.addmm_(h.mT, delta)
        else:
            self.product(h.mT, delta, out)


def numpy_tanh(x: Tensor) -> Tensor:
    """tanh in place by numpy, several times faster than torch's on one core."""
    values = x.numpy()
    np.tanh(values, out=values)
    return x


TANH: dict[str, Callable[[Tensor], Tensor]] = {"torch": torch.tanh_, "numpy": numpy_tanh}


def tanh_for(backend: Backend, device: torch.device) -> Callable[[Tensor], Tensor]:
    """The tanh in place; numpy's only on the CPU."""
    return TANH[backend.tanh if device.type == "cpu" else "torch"]


def _seconds(*calls: Callable[[], object]) -> list[float]:
    """The median time of each, taken in turns."""
    times: list[list[float]] = [[] for _ in calls]
    for _ in range(ROUNDS):
        for kept, call in zip(times, calls, strict=True):
            start = time.perf_counter()
            call()
            kept.append(time.perf_counter() - start)
    return [median(kept[1:]) for kept in times]


def _error(found: Tensor, exact: Tensor) -> float:
    return float((found.double() - exact).norm() / exact.norm())


def _product_wins(rows: int, k: int, n: int, generator: torch.Generator) -> bool:
    x, weight = (torch.randn(shape, generator=generator) for shape in ((rows, k), (k, n)))
    out = torch.empty(rows, n)
    if _error(_linear(x, weight.mT, None), x.double() @ weight.double()) > TOLERANCE:
        return False
    ours, theirs = _seconds(lambda: _linear(x, weight.mT, None), lambda: torch.mm(x, weight, out=out))
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
    return PORTABLE if os.environ.get(SWITCH) else measure()
