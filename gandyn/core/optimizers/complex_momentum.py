"""Momentum whose coefficient is a complex number: between momentum and negative momentum, as games need."""

import math
from typing import NamedTuple

import torch
from torch import Tensor

from gandyn.core.optimizers import OPTIMIZERS
from gandyn.core.optimizers.arithmetic import Number, as_like, plus, start_count
from gandyn.core.types import Optimizer, Rates


class ComplexMomentum(NamedTuple):
    """The real and the imaginary part of the buffer [..., P] and the number of updates."""

    m: Tensor
    turned: Tensor
    t: Tensor


def start(theta: Tensor) -> ComplexMomentum:
    """At rest."""
    return ComplexMomentum(torch.zeros_like(theta), torch.zeros_like(theta), start_count(theta))


def update(theta: Tensor, grad: Tensor, state: ComplexMomentum, rates: Rates) -> tuple[Tensor, ComplexMomentum]:
    """m <- beta m + g, theta <- theta - lr Re m, beta = beta1 e^(i pi beta2)."""
    real, imaginary = _parts(rates)
    real, imaginary = as_like(real, grad), as_like(imaginary, grad)
    m = real * state.m - imaginary * state.turned + grad
    turned = imaginary * state.m + real * state.turned
    return plus(theta, m, -rates.lr), ComplexMomentum(m, turned, state.t + 1)


def _parts(rates: Rates) -> tuple[Number, Number]:
    """The real and the imaginary part of beta."""
    if isinstance(rates.beta2, Tensor):
        angle = math.pi * rates.beta2
        return rates.beta1 * angle.cos(), rates.beta1 * angle.sin()
    return rates.beta1 * math.cos(math.pi * rates.beta2), rates.beta1 * math.sin(math.pi * rates.beta2)


OPTIMIZERS.add(
    Optimizer(
        "complex-momentum",
        start,
        update,
        summary="momentum beta1 e^(i pi beta2), at 0 momentum, at 1 negative momentum; between them it damps rotation",
        formula="m <- beta m + g,  theta <- theta - lr Re m,  beta = beta1 e^(i pi beta2)",
        cite="Lorraine et al. 2022 (2102.08431), algorithm 1",
        knobs=("lr", "beta1", "beta2"),
    ),
    rank=14,
)
