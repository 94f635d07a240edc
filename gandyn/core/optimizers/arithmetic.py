"""The arithmetic of update rules, differentiable where something requires a gradient. Registers nothing.

A rate is a number, a 0-d tensor in float64 (a captured graph reads it from fixed memory), or such a tensor [N, 1] with
one for every lane.
"""

from typing import NamedTuple

import torch
from torch import Tensor

from gandyn.core.types import Rates

Number = float | Tensor


def safe_sqrt(x: Tensor) -> Tensor:
    """The square root with derivative 0 at 0.

    Exact inside an optimiser: v = 0 means that the gradient and the old v are 0 too, so whatever the square
    root passes back is multiplied by 0; unguarded it would be 0 * inf = nan at the first dead relu unit.
    """
    if not x.requires_grad:
        return x.sqrt()
    positive = x > 0
    return torch.where(positive, torch.where(positive, x, 1.0).sqrt(), 0.0)


def start_count(theta: Tensor) -> Tensor:
    """The number of updates at the start: 0, a whole number on theta's device."""
    return torch.zeros((), dtype=torch.int64, device=theta.device)


class Moments(NamedTuple):
    """Averages of gradients, or momentum, and of squared gradients [..., P], and the number of updates."""

    m: Tensor
    v: Tensor
    t: Tensor


def at_rest(theta: Tensor) -> Moments:
    """The moments before the first update, m = v = 0."""
    return Moments(torch.zeros_like(theta), torch.zeros_like(theta), start_count(theta))


def count(t: Tensor, rates: Rates) -> Number:
    """The number of updates to compute with: the host's where t lies there, else float64, so that nobody waits."""
    return t.double() if t.is_cuda or has_tensors(rates) else int(t)


def has_tensors(rates: Rates) -> bool:
    """Whether some rate is a tensor."""
    lr, beta1, beta2, eps = rates
    return isinstance(lr, Tensor) or isinstance(beta1, Tensor) or isinstance(beta2, Tensor) or isinstance(eps, Tensor)


def as_like(value: Number, like: Tensor) -> Number:
    """Rates that are tensors are computed in float64 and then multiply vectors in the precision of the vectors."""
    return value.to(like.dtype) if isinstance(value, Tensor) else value


def decayed(old: Tensor, new: Tensor, decay: Number) -> Tensor:
    """decay old + (1 - decay) new."""
    return torch.lerp(old, new, as_like(1 - decay, old))


def decayed_squares(old: Tensor, grad: Tensor, decay: Number) -> Tensor:
    """decay old + (1 - decay) grad^2."""
    if isinstance(decay, Tensor):
        return as_like(decay, old) * old + as_like(1 - decay, old) * grad.square()
    return (decay * old).addcmul_(grad, grad, value=1 - decay)


def plus(x: Tensor, y: Tensor, rate: Number) -> Tensor:
    """x + rate y."""
    return x + as_like(rate, x) * y if isinstance(rate, Tensor) else torch.add(x, y, alpha=rate)


def plus_quotient(x: Tensor, y: Tensor, root: Tensor, rate: Number) -> Tensor:
    """x + rate y / root."""
    return x + as_like(rate, x) * (y / root) if isinstance(rate, Tensor) else torch.addcdiv(x, y, root, value=rate)


def root_plus(v: Tensor, eps: Number) -> Tensor:
    """sqrt(v) + eps."""
    if v.requires_grad or isinstance(eps, Tensor):
        return safe_sqrt(v) + as_like(eps, v)
    return v.sqrt().add_(eps)


def plus_corrected(theta: Tensor, m: Tensor, v: Tensor, t: Tensor, rates: Rates) -> Tensor:
    """theta - lr m^ / (sqrt v^ + eps), m^ = m / (1 - beta1^t), v^ = v / (1 - beta2^t), after t updates."""
    n = count(t, rates)
    scale = (1 - rates.beta2**n) ** 0.5
    rate = rates.lr * scale / (1 - rates.beta1**n)
    return plus_quotient(theta, m, root_plus(v, scale * rates.eps), -rate)


def root_of_sum(v: Tensor, eps: Number) -> Tensor:
    """sqrt(v + eps)."""
    return (v + as_like(eps, v)).sqrt() if v.requires_grad else (v + as_like(eps, v)).sqrt_()
