"""Adam: averages of the gradient and of its square, corrected for their start, in torch's form and TensorFlow 1's."""

from typing import Any

import torch
from torch import Tensor

from gandyn.core.optimizers import OPTIMIZERS
from gandyn.core.optimizers.arithmetic import (
    Moments,
    at_rest,
    count,
    decayed,
    decayed_squares,
    has_tensors,
    plus_corrected,
)
from gandyn.core.types import Optimizer, Rates

_kernel: Any = torch.ops.aten._fused_adam_


def update(theta: Tensor, grad: Tensor, state: Moments, rates: Rates) -> tuple[Tensor, Moments]:
    """theta - lr m_hat / (sqrt(v_hat) + eps), m_hat = m / (1 - beta1^t), v_hat = v / (1 - beta2^t)."""
    if not (any(x.requires_grad for x in (theta, grad, state.m, state.v)) or has_tensors(rates)):
        return _in_one_kernel(theta, grad, state, rates)
    m, v, t = decayed(state.m, grad, rates.beta1), decayed_squares(state.v, grad, rates.beta2), state.t + 1
    return plus_corrected(theta, m, v, t, rates), Moments(m, v, t)


def _in_one_kernel(theta: Tensor, grad: Tensor, state: Moments, rates: Rates) -> tuple[Tensor, Moments]:
    """The same by torch's fused kernel, which nobody can differentiate and which writes into the copies made here."""
    theta, m, v, t = theta.clone(), state.m.clone(), state.v.clone(), state.t + 1
    numbers: dict[str, Any] = {**rates._asdict(), "weight_decay": 0.0, "amsgrad": False, "maximize": False}
    _kernel([theta], [grad.contiguous()], [m], [v], [], [t.float()], **numbers)
    return theta, Moments(m, v, t)


def update_tf(theta: Tensor, grad: Tensor, state: Moments, rates: Rates) -> tuple[Tensor, Moments]:
    """theta - lr sqrt(1 - beta2^t) / (1 - beta1^t) m / (sqrt(v) + eps): torch's form at eps / sqrt(1 - beta2^t)."""
    correction = (1 - rates.beta2 ** (count(state.t, rates) + 1)) ** 0.5
    return update(theta, grad, state, rates._replace(eps=rates.eps / correction))


KNOBS = ("lr", "beta1", "beta2", "eps")
ADAM = OPTIMIZERS.add(
    Optimizer(
        "adam",
        at_rest,
        update,
        summary="averaged gradients in units of their running size, both corrected for their start, in torch's form",
        formula="theta <- theta - lr m^ / (sqrt v^ + eps),  m^ = m / (1 - beta1^t),  v^ = v / (1 - beta2^t)",
        cite="Kingma & Ba 2015 (1412.6980), algorithm 1",
        knobs=KNOBS,
    ),
    rank=2,
)
ADAM_TF = OPTIMIZERS.add(
    Optimizer(
        "adam-tf",
        at_rest,
        update_tf,
        summary="adam in TensorFlow 1's form: eps beside the root of the uncorrected average",
        formula="theta <- theta - lr sqrt(1 - beta2^t) / (1 - beta1^t) m / (sqrt v + eps)",
        cite="Kingma & Ba 2015 (1412.6980), section 2, last paragraph; the form of tf.train.AdamOptimizer",
        knobs=KNOBS,
    ),
    rank=4,
)


def adam() -> Optimizer:
    """Adam in torch's form: theta <- theta - lr m_hat / (sqrt(v_hat) + eps). Ref: Kingma & Ba 2015 (1412.6980)."""
    return ADAM


def adam_tf() -> Optimizer:
    """Adam in TensorFlow 1's form: theta <- theta - lr sqrt(1 - beta2^t) / (1 - beta1^t) m / (sqrt(v) + eps)."""
    return ADAM_TF
