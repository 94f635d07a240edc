"""How a player moves along a gradient: its optimiser's update, at rates that may differ by lane, and the clip."""

from typing import NamedTuple, TypeVar

import torch
from torch import Tensor

from gandyn.core.types import Knobs, Optimizer, OptState, Rates

Number = TypeVar("Number", float, Tensor, float | Tensor)


class PlayerState(NamedTuple):
    """A player's parameters with the state of its optimiser."""

    theta: Tensor
    opt: OptState


def column(number: Number) -> Number:
    """A number that differs by lane as [N, 1], so that it multiplies parameters [N, P]."""
    return number[:, None] if isinstance(number, Tensor) and number.ndim else number


def rates_of(knobs: Knobs, lr: float | Tensor) -> Rates:
    """The optimiser's rates at one learning rate; those that differ by lane as [N, 1]."""
    return Rates(column(lr), column(knobs.beta1), column(knobs.beta2), column(knobs.eps))


def move(optimizer: Optimizer, player: PlayerState, grad: Tensor, rates: Rates) -> PlayerState:
    """The player after its optimiser's update along this gradient."""
    return PlayerState(*optimizer.update(player.theta, grad, player.opt, rates))


def clip(theta: Tensor, limit: float | Tensor) -> Tensor:
    """Every parameter clamped to [-limit, limit]; limit = 0 is off, in every lane on its own."""
    if isinstance(limit, Tensor):
        bound = column(torch.where(limit > 0, limit, torch.inf).to(theta.dtype))
        return theta.clamp(-bound, bound)
    return theta.clamp(-limit, limit) if limit > 0 else theta
