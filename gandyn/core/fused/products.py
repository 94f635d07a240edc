"""Matrix products and tanh for the fused engine, each by the library that the back end names.

Each call says for itself which library multiplies; no process-wide flag of torch is touched, so threads do not
disturb one another. torch has no such call for stacks of matrices: those follow its flag, see backend.claim.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

THINNEST = 16  # a product with a narrower side is left to torch


def linear(x: Tensor, weight: Tensor, bias: Tensor | None) -> Tensor:
    """x @ weight.T + bias by oneDNN."""
    return torch.ops.mkldnn._linear_pointwise(x, weight, bias, "none", [], "")


def linear_plus(x: Tensor, weight: Tensor, bias: Tensor | None, other: Tensor) -> Tensor:
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
            return linear(x, weight.mT, bias)
        if bias is None:
            return self.product(x, weight, out)
        return (torch.baddbmm if self.lanes else torch.addmm)(bias, x, weight, out=out)

    def add_affine(self, a: Tensor, x: Tensor, weight: Tensor) -> Tensor:
        """a + x W, in the memory of a or in new memory."""
        if self._onednn(x, weight.shape[-1]):
            return linear_plus(x, weight.mT, None, a)
        return a.baddbmm_(x, weight) if self.lanes else a.addmm_(x, weight)

    def back(self, delta: Tensor, weight: Tensor, out: Tensor) -> Tensor:
        """delta W^T, in `out` or in new memory; where one column came out, an outer product."""
        if weight.shape[-1] == 1:
            return torch.mul(delta, weight.mT, out=out)
        if self._onednn(delta, weight.shape[-2]):
            return linear(delta, weight, None)
        return self.product(delta, weight.mT, out)

    def add_back(self, a: Tensor, delta: Tensor, weight: Tensor) -> Tensor:
        """a + delta W^T, in the memory of a or in new memory."""
        if weight.shape[-1] == 1:
            return a.addcmul_(delta, weight.mT)
        if self._onednn(delta, weight.shape[-2]):
            return linear_plus(delta, weight, None, a)
        return a.baddbmm_(delta, weight.mT) if self.lanes else a.addmm_(delta, weight.mT)

    def gradient(self, h: Tensor, delta: Tensor, out: Tensor, *, add: bool = False) -> None:
        """h^T delta into `out`, or onto it."""
        if self._onednn(h, delta.shape[-1]):
            found = linear(delta.mT, h.mT, None).mT
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


def tanh_of(library: str, device: torch.device) -> Callable[[Tensor], Tensor]:
    """The tanh in place; numpy's only on the CPU."""
    return TANH[library if device.type == "cpu" else "torch"]
