"""Linear systems of which nothing is known but products with vectors."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor


def gmres(apply: Callable[[Tensor], Tensor], b: Tensor, most: int) -> Tensor:
    """x with apply(x) = b, of least residual among the combinations of b, A b, ..., A^(most - 1) b.

    apply: a linear map A of vectors [..., n], each of its own. The basis is orthogonalised twice, in the vectors' own
    precision; a system that needs fewer products is solved by fewer. Ref: Saad & Schultz 1986, algorithm 3.
    """
    size = b.norm(dim=-1, keepdim=True)
    basis = [b / _at_least_tiny(size)]
    columns = []
    for _ in range(min(most, b.shape[-1])):
        w = apply(basis[-1])
        lengths = torch.zeros_like(torch.stack(basis, -1)[..., 0, :])
        for _ in range(2):
            known = torch.stack(basis, -1)  # [..., n, j]
            part = (known * w[..., None]).sum(-2)
            w, lengths = w - (known * part[..., None, :]).sum(-1), lengths + part
        rest = w.norm(dim=-1, keepdim=True)
        # What rounding leaves of a vector that lies in the space already is no direction.
        rest = torch.where(rest > 1e3 * torch.finfo(w.dtype).eps * lengths.norm(dim=-1, keepdim=True), rest, 0.0)
        columns.append(torch.cat([lengths, rest], -1).double())
        basis.append(torch.where(rest > 0, w / _at_least_tiny(rest), 0.0))
    y = _least_squares(columns, size[..., 0].double()).to(b.dtype)
    return (torch.stack(basis[:-1], -1) * y[..., None, :]).sum(-1)


def _least_squares(columns: list[Tensor], size: Tensor) -> Tensor:
    """y [..., m] of least |H y - size e_1|, H a Hessenberg matrix: column j of j + 2 numbers [..., j + 2].

    By Givens rotations, in operations on numbers alone, which a CUDA graph can hold; an unknown that nothing determines
    is 0.
    """
    turns: list[tuple[Tensor, Tensor]] = []
    upper: list[list[Tensor]] = []
    right = [size]
    for column in columns:
        *above, below = column.unbind(-1)
        for i, (c, s) in enumerate(turns):
            above[i], above[i + 1] = c * above[i] + s * above[i + 1], c * above[i + 1] - s * above[i]
        r = torch.hypot(above[-1], below)
        c, s = (
            torch.where(r > 0, above[-1] / _at_least_tiny(r), 1.0),
            torch.where(r > 0, below / _at_least_tiny(r), 0.0),
        )
        turns.append((c, s))
        upper.append([*above[:-1], r])
        right[-1:] = [c * right[-1], -s * right[-1]]
    largest = torch.stack([one[-1] for one in upper]).amax(0)
    y: list[Tensor] = []
    for j in reversed(range(len(upper))):
        known = sum((upper[k][j] * y[k - j - 1] for k in range(j + 1, len(upper))), torch.zeros_like(size))
        diagonal = upper[j][-1]
        there = diagonal > torch.finfo(diagonal.dtype).eps * largest
        y.insert(0, torch.where(there, (right[j] - known) / torch.where(there, diagonal, 1.0), 0.0))
    return torch.stack(y, -1)


def _at_least_tiny(x: Tensor) -> Tensor:
    return x.clamp(min=torch.finfo(x.dtype).tiny)
