"""Consistency: the critic says the same beside a real sample as at it."""

from torch import Tensor

from gandyn.core.penalties import PENALTIES
from gandyn.core.penalties.dragan import points
from gandyn.core.penalty import Critic, Number, Penalty
from gandyn.core.types import Batch


def loss(critic: Critic, real: Tensor, fake: Tensor, batch: Batch, weight: Number) -> Tensor:
    """weight E (d(x) - d(x + delta))^2, delta as in DRAGAN: the perturbed twin is the augmented one of the source."""
    return weight * (critic(real) - critic(points(real, fake, batch))).square().mean(-1)


PENALTIES.add(
    Penalty(
        loss,
        name="consistency",
        summary="the critic says the same at a real sample and beside it",
        formula="w E (d(x) - d(x + delta))^2,  delta ~ std(x) U(-1, 1) / 2",
        cite="Zhang et al. 2020 (1910.12027); Wei et al. 2018 (1803.01541) with dropout in the place of delta",
        noisy=True,
        of_real=True,
    ),
    rank=7,
)
