"""AdaBelief: Adam whose steps are in units of how far gradients are from what was expected of them."""

from torch import Tensor

from gandyn.core.optimizers import OPTIMIZERS
from gandyn.core.optimizers.arithmetic import (
    Moments,
    as_like,
    at_rest,
    decayed,
    decayed_squares,
    plus_corrected,
)
from gandyn.core.types import Optimizer, Rates


def update(theta: Tensor, grad: Tensor, state: Moments, rates: Rates) -> tuple[Tensor, Moments]:
    """m as in Adam, s <- beta2 s + (1 - beta2) (g - m)^2 + eps, theta <- theta - lr m^ / (sqrt s^ + eps)."""
    m = decayed(state.m, grad, rates.beta1)
    s = decayed_squares(state.v, grad - m, rates.beta2) + as_like(rates.eps, grad)
    t = state.t + 1
    return plus_corrected(theta, m, s, t, rates), Moments(m, s, t)


OPTIMIZERS.add(
    Optimizer(
        "adabelief",
        at_rest,
        update,
        summary="adam in units of the gradient's distance from its own average: long steps where it is as expected",
        formula="theta <- theta - lr m^ / (sqrt s^ + eps),  s <- beta2 s + (1 - beta2) (g - m)^2 + eps",
        cite="Zhuang et al. 2020 (2010.07468), algorithm 2",
        knobs=("lr", "beta1", "beta2", "eps"),
    ),
    rank=10,
)
