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
        columns.append(torch.cat([lengths, rest], -1))
        basis.append(torch.where(rest > 0, w / _at_least_tiny(rest), 0.0))
    rows = len(basis)
    hessenberg = torch.stack([torch.nn.functional.pad(one, (0, rows - one.shape[-1])) for one in columns], -1).double()
    start = torch.nn.functional.pad(size, (0, rows - 1)).double()
    y = (torch.linalg.pinv(hessenberg) * start[..., None, :]).sum(-1).to(b.dtype)
    return (torch.stack(basis[:-1], -1) * y[..., None, :]).sum(-1)


def _at_least_tiny(x: Tensor) -> Tensor:
    return x.clamp(min=torch.finfo(x.dtype).tiny)
