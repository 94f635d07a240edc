"""Gradient descent with momentum."""

from typing import NamedTuple

import torch
from torch import Tensor

from gandyn.core.optimizers import OPTIMIZERS
from gandyn.core.optimizers.arithmetic import plus, start_count
from gandyn.core.types import Optimizer, Rates


class Momentum(NamedTuple):
    """The decaying sum of gradients [..., P] and the number of updates."""

    m: Tensor
    t: Tensor


def start(theta: Tensor) -> Momentum:
    """At rest."""
    return Momentum(torch.zeros_like(theta), start_count(theta))


def update(theta: Tensor, grad: Tensor, state: Momentum, rates: Rates) -> tuple[Tensor, Momentum]:
    """m <- beta1 m + g, theta <- theta - lr m."""
    m = plus(grad, state.m, rates.beta1)
    return plus(theta, m, -rates.lr), Momentum(m, state.t + 1)


SGD = OPTIMIZERS.add(
    Optimizer(
        "sgd",
        start,
        update,
        summary="gradient descent, with momentum beta1",
        formula="m <- beta1 m + g,  theta <- theta - lr m",
        cite="Polyak 1964, USSR Computational Mathematics 4(5); the form of torch.optim.SGD",
        knobs=("lr", "beta1"),
    ),
    rank=0,
)


def sgd() -> Optimizer:
    """Gradient descent: m <- beta1 m + g, theta <- theta - lr m (torch.optim.SGD with momentum beta1)."""
    return SGD
