"""Adagrad: steps in units of all gradients so far."""

from typing import NamedTuple

import torch
from torch import Tensor

from gandyn.core.optimizers import OPTIMIZERS
from gandyn.core.optimizers.arithmetic import plus_quotient, root_plus, start_count
from gandyn.core.types import Optimizer, Rates


class Sum(NamedTuple):
    """The sum of squared gradients [..., P] and the number of updates."""

    v: Tensor
    t: Tensor


def start(theta: Tensor) -> Sum:
    """Before the first update, v = 0."""
    return Sum(torch.zeros_like(theta), start_count(theta))


def update(theta: Tensor, grad: Tensor, state: Sum, rates: Rates) -> tuple[Tensor, Sum]:
    """v <- v + g^2, theta <- theta - lr g / (sqrt v + eps)."""
    v = state.v + grad.square()
    return plus_quotient(theta, grad, root_plus(v, rates.eps), -rates.lr), Sum(v, state.t + 1)


OPTIMIZERS.add(
    Optimizer(
        "adagrad",
        start,
        update,
        summary="steps in units of all gradients so far: they become shorter and shorter",
        formula="v <- v + g^2,  theta <- theta - lr g / (sqrt v + eps)",
        cite="Duchi et al. 2011, JMLR 12; the form of torch.optim.Adagrad",
        knobs=("lr", "eps"),
    ),
    rank=13,
)
