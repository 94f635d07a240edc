"""Steps of one size: the sign of the gradient, and Lion's sign of an average of it."""

from torch import Tensor

from gandyn.core.optimizers import OPTIMIZERS
from gandyn.core.optimizers.arithmetic import decayed, plus
from gandyn.core.optimizers.sgd import Momentum, start
from gandyn.core.types import Optimizer, Rates


def lion(theta: Tensor, grad: Tensor, state: Momentum, rates: Rates) -> tuple[Tensor, Momentum]:
    """theta <- theta - lr sign(beta1 m + (1 - beta1) g), then m <- beta2 m + (1 - beta2) g."""
    direction = decayed(state.m, grad, rates.beta1).sign()
    return plus(theta, direction, -rates.lr), Momentum(decayed(state.m, grad, rates.beta2), state.t + 1)


def sign_sgd(theta: Tensor, grad: Tensor, state: Momentum, rates: Rates) -> tuple[Tensor, Momentum]:
    """m <- beta1 m + (1 - beta1) g, theta <- theta - lr sign(m); beta1 = 0: the gradient's own sign."""
    m = decayed(state.m, grad, rates.beta1)
    return plus(theta, m.sign(), -rates.lr), Momentum(m, state.t + 1)


OPTIMIZERS.add(
    Optimizer(
        "lion",
        start,
        lion,
        summary="every parameter moves by lr, along the sign of an average that leans on the latest gradient",
        formula="theta <- theta - lr sign(beta1 m + (1 - beta1) g),  m <- beta2 m + (1 - beta2) g",
        cite="Chen et al. 2023 (2302.06675), algorithm 2, without weight decay",
        knobs=("lr", "beta1", "beta2"),
    ),
    rank=11,
)
OPTIMIZERS.add(
    Optimizer(
        "sign-sgd",
        start,
        sign_sgd,
        summary="every parameter moves by lr, along the sign of the averaged gradient",
        formula="m <- beta1 m + (1 - beta1) g,  theta <- theta - lr sign(m)",
        cite="Bernstein et al. 2018 (1802.04434), algorithms 1 and 2",
        knobs=("lr", "beta1"),
    ),
    rank=12,
)
