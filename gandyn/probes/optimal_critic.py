"""The critic that would be best at a point where both densities are known. Registers nothing."""

from functools import cache

import torch
from torch import Tensor

from gandyn.core.objectives import OBJECTIVES
from gandyn.core.types import Objective

HALVINGS = 50
FAR = 100.0  # a value that no objective with a best one reaches where p and q are alike
APART = 1e-12  # what rounding makes of 0


def optimal_critic(objective: str | Objective, log_ratio: Tensor, most: float) -> Tensor | None:
    """D*(x) [n] in the critic's raw values, held to [-most, most], where ln p(x) / q(x) is `log_ratio` [n].

    p is the data's density and q the generator's. Where L_D = E_p a(d) + E_q b(d), with a and b convex, its least value
    is at the zero of p a'(d) + q b'(d), point by point; it is found by halving, from autograd's a' and b'. For the
    logistic loss that is ln p / q (Goodfellow et al. 2014, 1406.2661, proposition 1), for least squares p / (p + q).
    None where there is no best value: see has_optimum.
    """
    return _halved(objective, log_ratio.double(), most) if has_optimum(objective) else None


@cache
def has_optimum(objective: str | Objective) -> bool:
    """Whether the critic has a best value at each point for itself.

    Not where real and generated values do not enter the loss apart, as in relativistic ones; nor where the loss has no
    least value, as in Wasserstein's, whose critic is held by something else.
    """
    loss = _named(objective).critic_loss
    a, b, c, d = torch.tensor([[0.3], [-0.7], [1.1], [0.6]], dtype=torch.float64)
    if float((loss(a, b) - loss(a, d) - loss(c, b) + loss(c, d)).abs()) > APART:
        return False
    best = _halved(objective, torch.tensor([-0.5, 0.5], dtype=torch.float64), FAR)
    return bool((best.abs() < FAR / 2).all())


def _named(objective: str | Objective) -> Objective:
    return OBJECTIVES[objective] if isinstance(objective, str) else objective


def _halved(objective: str | Objective, log_ratio: Tensor, most: float) -> Tensor:
    loss = _named(objective).critic_loss
    share = torch.sigmoid(log_ratio)  # p / (p + q)
    low, high = torch.full_like(share, -most), torch.full_like(share, most)
    with torch.enable_grad():
        for _ in range(HALVINGS):
            middle = ((low + high) / 2).requires_grad_()
            real, fake = middle.view(-1, 1), middle.view(-1, 1)
            total = (share * loss(real, fake.detach()) + (1 - share) * loss(real.detach(), fake)).sum()
            (slope,) = torch.autograd.grad(total, middle)
            slope = torch.where(slope.isnan(), middle.detach(), slope)  # an infinite loss rises away from 0
            low, high = (torch.where(slope > 0, *pair) for pair in ((low, middle.detach()), (middle.detach(), high)))
    return (low + high) / 2
