"""Optimisers backwards: from what an update left behind to what it came from, one function a rule.

theta', m', v' = update(theta, g, m, v). Given the adjoints of theta', m', v' (derivatives of a later scalar), each
function turns them in place into those of theta, m, v, all but the way through g itself, and returns the adjoint of g.
At v' = 0 the root passes nothing back, which is exact: then g = 0 and v = 0, see optim.safe_sqrt.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import torch
from torch import Tensor

from gandyn.core.optim import as_like
from gandyn.core.types import OptState, Rates


class Bars(NamedTuple):
    """Adjoints of the parameters and of both moments, [.., P] each; written into."""

    theta: Tensor
    m: Tensor
    v: Tensor


Adjoint = Callable[
    [Bars, Tensor, OptState, Rates], Tensor
]  # (bars, g, the state after the update, rates) -> adjoint of g


def _through_root(pulled: Tensor, root: Tensor, divisor: Tensor) -> Tensor:
    """pulled / (2 root divisor), and 0 where the root is 0."""
    return torch.where(root > 0, pulled / (2 * root * divisor), 0.0)


def _adam(bars: Bars, grad: Tensor, after: OptState, rates: Rates, *, tf: bool) -> Tensor:
    lr, beta1, beta2, eps = rates
    scale = (1 - beta2**after.t) ** 0.5
    rate = lr * scale / (1 - beta1**after.t)
    rate, eps, beta1, beta2 = (as_like(x, grad) for x in (rate, eps if tf else eps * scale, beta1, beta2))
    root = after.v.sqrt()
    divisor = root + eps
    pulled = rate * bars.theta / divisor
    bars.m.sub_(pulled)
    bars.v.add_(_through_root(pulled * after.m, root, divisor))
    back = (1 - beta1) * bars.m + 2 * (1 - beta2) * grad * bars.v
    bars.m.mul_(beta1)
    bars.v.mul_(beta2)
    return back


def _rmsprop(bars: Bars, grad: Tensor, after: OptState, rates: Rates, *, tf: bool) -> Tensor:
    """torch: m' = beta1 m + g / (sqrt(v') + eps), theta' = theta - lr m'; tf: lr stands in m', eps under the root."""
    lr, beta1, beta2, eps = (as_like(x, grad) for x in rates)
    bars.m.sub_(bars.theta if tf else lr * bars.theta)
    root = (after.v + eps).sqrt() if tf else after.v.sqrt()
    divisor = root if tf else root + eps
    pulled = bars.m * lr / divisor if tf else bars.m / divisor
    bars.v.sub_(_through_root(pulled * grad, root, divisor))
    back = pulled + 2 * (1 - beta2) * grad * bars.v
    bars.m.mul_(beta1)
    bars.v.mul_(beta2)
    return back


def _sgd(bars: Bars, grad: Tensor, after: OptState, rates: Rates) -> Tensor:
    bars.m.sub_(as_like(rates.lr, grad) * bars.theta)
    back = bars.m.clone()
    bars.m.mul_(as_like(rates.beta1, grad))
    return back


ADJOINTS: dict[str, Adjoint] = {
    "sgd": _sgd,
    "rmsprop": lambda *given: _rmsprop(*given, tf=False),
    "rmsprop-tf": lambda *given: _rmsprop(*given, tf=True),
    "adam": lambda *given: _adam(*given, tf=False),
    "adam-tf": lambda *given: _adam(*given, tf=True),
}
