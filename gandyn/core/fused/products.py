"""Matrix products and tanh for the fused engine, each by the library that the back end names.

Each call says for itself which library multiplies. Where other threads multiply, too, no process-wide flag of torch is
touched; a process that owns its threads (backend.claim) may set the flag for the length of one product.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

import numpy as np
import torch
from torch import Tensor

THINNEST = 16  # a product with a narrower side is left to torch
NARROW = 4  # columns up to which torch multiplies the transposes several times faster


def linear(x: Tensor, weight: Tensor, bias: Tensor | None) -> Tensor:
    """x @ weight.T + bias by oneDNN."""
    return torch.ops.mkldnn._linear_pointwise(x, weight, bias, "none", [], "")


def linear_plus(x: Tensor, weight: Tensor, bias: Tensor | None, other: Tensor) -> Tensor:
    """x @ weight.T + bias + other by oneDNN."""
    return torch.ops.mkldnn._linear_pointwise.binary(x, other, weight, bias, "add")


_set_flag: Any = getattr(torch._C, "_set_fp32_precision_setter", None)  # in torch since 2.9


def by_flag(product: Callable[..., Tensor], *operands: Tensor, out: Tensor) -> Tensor:
    """torch's product with its flag set for oneDNN meanwhile: for a process in which no other thread multiplies."""
    _set_flag("mkldnn", "matmul", "bf16")
    try:
        return product(*operands, out=out)
    finally:
        _set_flag("mkldnn", "matmul", "none")


@contextmanager
def flagged() -> Iterator[None]:
    """The same for all products meanwhile, those of autograd among them."""
    _set_flag("mkldnn", "matmul", "bf16")
    try:
        yield
    finally:
        _set_flag("mkldnn", "matmul", "none")


class Products(NamedTuple):
    """Products of matrices [R, n], or of stacks of them [N, R, n], with a leading axis of lanes.

    `flag`: whether torch's flag may be moved, the only way to oneDNN for stacks, and the faster one for matrices.
    """

    lanes: bool
    onednn_from: int
    flag: bool = False

    def _onednn(self, a: Tensor, n: int) -> bool:
        """Whether oneDNN takes a [.., R, k] times a matrix with n columns."""
        rows, k = a.shape[-2:]
        if self.lanes:
            return self.flag and k >= THINNEST
        return rows * k * n >= self.onednn_from and min(rows, k, n) >= THINNEST

    def product(self, a: Tensor, b: Tensor, out: Tensor) -> Tensor:
        """a b in `out`, by torch."""
        return torch.bmm(a, b, out=out) if self.lanes else torch.mm(a, b, out=out)

    def narrow(self, n: int) -> bool:
        """Whether products with n columns are computed transposed; memory for them is [.., n, R], too."""
        return n <= NARROW and (self.lanes or n > 1)

    def affine(self, x: Tensor, weight: Tensor, bias: Tensor | None, out: Tensor) -> Tensor:
        """x W + b, in `out` or in new memory."""
        add = torch.baddbmm if self.lanes else torch.addmm
        if self.narrow(weight.shape[-1]):
            across = (weight.mT.contiguous(), x.mT)
            if bias is None:
                self.product(*across, out.mT)
            else:
                add(bias.mT if self.lanes else bias.unsqueeze(-1), *across, out=out.mT)
            return out
        if self._onednn(x, weight.shape[-1]):
            if not self.flag:
                return linear(x, weight.mT, bias)
            operands = (x, weight) if bias is None else (bias, x, weight)
            return by_flag(add if bias is not None else self.product, *operands, out=out)
        return self.product(x, weight, out) if bias is None else add(bias, x, weight, out=out)

    def add_affine(self, a: Tensor, x: Tensor, weight: Tensor) -> Tensor:
        """a + x W, in the memory of a or in new memory."""
        if self._onednn(x, weight.shape[-1]):
            return self._add(a, x, weight) if self.flag else linear_plus(x, weight.mT, None, a)
        return a.baddbmm_(x, weight) if self.lanes else a.addmm_(x, weight)

    def back(self, delta: Tensor, weight: Tensor, out: Tensor) -> Tensor:
        """delta W^T, in `out` or in new memory; where one column came out, an outer product."""
        if weight.shape[-1] == 1:
            return torch.mul(delta, weight.mT, out=out)
        if self._onednn(delta, weight.shape[-2]):
            return by_flag(self.product, delta, weight.mT, out=out) if self.flag else linear(delta, weight, None)
        return self.product(delta, weight.mT, out)

    def add_back(self, a: Tensor, delta: Tensor, weight: Tensor) -> Tensor:
        """a + delta W^T, in the memory of a or in new memory."""
        if weight.shape[-1] == 1:
            return a.addcmul_(delta, weight.mT)
        if self._onednn(delta, weight.shape[-2]):
            return self._add(a, delta, weight.mT) if self.flag else linear_plus(delta, weight, None, a)
        return a.baddbmm_(delta, weight.mT) if self.lanes else a.addmm_(delta, weight.mT)

    def gradient(self, h: Tensor, delta: Tensor, out: Tensor, *, add: bool = False) -> None:
        """h^T delta into `out`, or onto it."""
        if self.narrow(delta.shape[-1]):
            found = torch.matmul(delta.mT, h).mT
            out.add_(found) if add else out.copy_(found)
        elif self._onednn(h.mT, delta.shape[-1]):
            if self.flag:
                self._add(out, h.mT, delta) if add else by_flag(self.product, h.mT, delta, out=out)
                return
            found = linear(delta.mT, h.mT, None).mT
            out.add_(found) if add else out.copy_(found)
        elif add:
            out.baddbmm_(h.mT, delta) if self.lanes else out.addmm_(h.mT, delta)
        else:
            self.product(h.mT, delta, out)

    def _add(self, a: Tensor, x: Tensor, y: Tensor) -> Tensor:
        """a + x y in the memory of a, by the flag."""
        return by_flag(torch.baddbmm if self.lanes else torch.addmm, a, x, y, out=a)


def numpy_tanh(x: Tensor) -> Tensor:
    """tanh in place by numpy, several times faster than torch's on one core."""
    values = x.numpy()
    np.tanh(values, out=values)
    return x


TANH: dict[str, Callable[[Tensor], Tensor]] = {"torch": torch.tanh_, "numpy": numpy_tanh}


def tanh_of(library: str, device: torch.device) -> Callable[[Tensor], Tensor]:
    """The tanh in place; numpy's only on the CPU."""
    return TANH[library if device.type == "cpu" else "torch"]
