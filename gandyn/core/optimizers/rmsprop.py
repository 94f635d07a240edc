"""RMSProp: steps in units of the gradient's running size, in torch's form and in TensorFlow 1's."""

import torch
from torch import Tensor

from gandyn.core.optimizers import OPTIMIZERS
from gandyn.core.optimizers.arithmetic import (
    Moments,
    as_like,
    at_rest,
    decayed_squares,
    plus,
    plus_quotient,
    root_of_sum,
    root_plus,
)
from gandyn.core.types import Optimizer, Rates


def start_tf(theta: Tensor) -> Moments:
    """At rest, v = 1."""
    return at_rest(theta)._replace(v=torch.ones_like(theta))


def update(theta: Tensor, grad: Tensor, state: Moments, rates: Rates) -> tuple[Tensor, Moments]:
    """v <- beta2 v + (1 - beta2) g^2, m <- beta1 m + g / (sqrt(v) + eps), theta <- theta - lr m."""
    v = decayed_squares(state.v, grad, rates.beta2)
    m = plus_quotient(as_like(rates.beta1, state.m) * state.m, grad, root_plus(v, rates.eps), 1.0)
    return plus(theta, m, -rates.lr), Moments(m, v, state.t + 1)


def update_tf(theta: Tensor, grad: Tensor, state: Moments, rates: Rates) -> tuple[Tensor, Moments]:
    """v <- beta2 v + (1 - beta2) g^2, m <- beta1 m + lr g / sqrt(v + eps), theta <- theta - m."""
    v = decayed_squares(state.v, grad, rates.beta2)
    m = plus_quotient(as_like(rates.beta1, state.m) * state.m, grad, root_of_sum(v, rates.eps), rates.lr)
    return theta - m, Moments(m, v, state.t + 1)


KNOBS = ("lr", "beta1", "beta2", "eps")
RMSPROP = OPTIMIZERS.add(
    Optimizer(
        "rmsprop",
        at_rest,
        update,
        summary="steps in units of the gradient's running size, in torch's form; beta1 is its momentum",
        formula="v <- beta2 v + (1 - beta2) g^2,  m <- beta1 m + g / (sqrt v + eps),  theta <- theta - lr m",
        cite="Tieleman & Hinton 2012, lecture 6.5; the form of torch.optim.RMSprop",
        knobs=KNOBS,
    ),
    rank=1,
)
RMSPROP_TF = OPTIMIZERS.add(
    Optimizer(
        "rmsprop-tf",
        start_tf,
        update_tf,
        summary="rmsprop in TensorFlow 1's form: eps inside the root, v from 1, the rate inside the momentum",
        formula="v <- beta2 v + (1 - beta2) g^2,  m <- beta1 m + lr g / sqrt(v + eps),  theta <- theta - m",
        cite="Tieleman & Hinton 2012, lecture 6.5; the form of tf.train.RMSPropOptimizer",
        knobs=KNOBS,
    ),
    rank=3,
)


def rmsprop() -> Optimizer:
    """RMSProp in torch's form: theta <- theta - lr g / (sqrt(v) + eps), v <- beta2 v + (1 - beta2) g^2 from 0."""
    return RMSPROP


def rmsprop_tf() -> Optimizer:
    """RMSProp in TensorFlow 1's form: theta <- theta - lr g / sqrt(v + eps), v as in torch's but from one."""
    return RMSPROP_TF
