"""Linear systems and eigenvalues of maps of which nothing is known but products with vectors."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor


def gmres(apply: Callable[[Tensor], Tensor], b: Tensor, most: int) -> Tensor:
    """x with apply(x) = b, of least residual among the combinations of b, A b, ..., A^(most - 1) b.

    apply: a linear map A of vectors [..., n], each of its own. A system that needs fewer products is solved by fewer.
    Ref: Saad & Schultz 1986, algorithm 3.
    """
    size = b.norm(dim=-1, keepdim=True)
    basis = [b / _at_least_tiny(size)]
    columns = []
    for _ in range(min(most, b.shape[-1])):
        column, new = _next_direction(apply, basis)
        columns.append(column.double())
        basis.append(new)
    y = _least_squares(columns, size[..., 0].double()).to(b.dtype)
    return (torch.stack(basis[:-1], -1) * y[..., None, :]).sum(-1)


def ritz(apply: Callable[[Tensor], Tensor], start: Tensor, most: int) -> tuple[Tensor, Tensor]:
    """Approximate eigenvalues of a linear map A of vectors [n], and a bound of what each lacks: complex [k], [k].

    Arnoldi's method: the eigenvalues of A within the span of b, A b, ..., A^(k - 1) b, k = most or fewer where that
    span is exhausted. The bound is |A x - value x| of the unit vector x that belongs to it: so value is an eigenvalue
    of a map that is no farther from A than that. Ref: Arnoldi 1951; Saad 2011, Numerical Methods for Large Eigenvalue
    Problems, section 6.2.
    """
    basis, columns = [start / start.norm()], []
    for _ in range(min(most, len(start))):
        column, new = _next_direction(apply, basis)
        columns.append(column)
        if float(column[-1]) == 0:
            break
        basis.append(new)
    k = len(columns)
    upper = torch.stack([torch.nn.functional.pad(column, (0, k + 1 - len(column))) for column in columns], 1)
    values, vectors = torch.linalg.eig(upper[:k])
    return values, upper[k, k - 1].abs() * vectors[k - 1].abs() / vectors.norm(dim=0)


def _next_direction(apply: Callable[[Tensor], Tensor], basis: list[Tensor]) -> tuple[Tensor, Tensor]:
    """(how A times the last of j orthonormal vectors [..., n] is made of them and a new one: [..., j + 1], that one).

    Orthogonalised twice, in the vectors' own precision; 0 where the space is exhausted.
    """
    w = apply(basis[-1])
    known = torch.stack(basis, -1)  # [..., n, j]
    lengths = torch.zeros_like(known[..., 0, :])
    for _ in range(2):
        part = (known * w[..., None]).sum(-2)
        w, lengths = w - (known * part[..., None, :]).sum(-1), lengths + part
    rest = w.norm(dim=-1, keepdim=True)
    # What rounding leaves of a vector that lies in the space already is no direction.
    rest = torch.where(rest > 1e3 * torch.finfo(w.dtype).eps * lengths.norm(dim=-1, keepdim=True), rest, 0.0)
    return torch.cat([lengths, rest], -1), torch.where(rest > 0, w / _at_least_tiny(rest), 0.0)


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
