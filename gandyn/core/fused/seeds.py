"""Where a backward pass begins: derivatives of the losses at the logits, an objective's own or autograd's."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

import torch
from torch import Tensor

from gandyn.core.objectives import OBJECTIVES
from gandyn.core.types import Objective, Slopes

Loss = Callable[[Tensor, Tensor], Tensor]


def _pair(loss: Loss, real: Tensor, fake: Tensor, *, graph: bool = False) -> tuple[Tensor, Tensor]:
    """B times the derivatives of the loss, summed over the lanes, at both."""
    total = loss(real, fake).sum() * real.shape[-1]
    if not total.requires_grad:
        return torch.zeros_like(real), torch.zeros_like(fake)
    one, other = torch.autograd.grad(total, (real, fake), create_graph=graph, materialize_grads=True)
    return one, other


def _leaves(*values: Tensor) -> list[Tensor]:
    return [value.detach().clone().requires_grad_() for value in values]


def from_losses(objective: Objective) -> Slopes:
    """The slopes of any objective, by autograd over its logits alone."""

    def at(loss: Loss) -> Callable[[Tensor, Tensor], tuple[Tensor, Tensor]]:
        def slopes(real: Tensor, fake: Tensor) -> tuple[Tensor, Tensor]:
            with torch.enable_grad():
                return _pair(loss, *_leaves(real, fake))

        return slopes

    def bend(real: Tensor, fake: Tensor, real_dot: Tensor, fake_dot: Tensor) -> tuple[Tensor, Tensor]:
        with torch.enable_grad():  # the second derivatives are symmetric: this product is the motion of the slopes
            real, fake = _leaves(real, fake)
            one, other = _pair(objective.critic_loss, real, fake, graph=True)
            along = (one * real_dot).sum() + (other * fake_dot).sum()
            if not along.requires_grad:
                return torch.zeros_like(real), torch.zeros_like(fake)
            first, second = torch.autograd.grad(along, (real, fake), materialize_grads=True)
            return first, second

    return Slopes(at(objective.critic_loss), at(objective.generator_loss), bend)


@cache
def slopes_of(name: str) -> Slopes:
    """Those of the objective of that name."""
    objective = OBJECTIVES[name]
    return objective.slopes or from_losses(objective)
