"""Tikhonov: the critic's values stay near 0."""

from torch import Tensor

from gandyn.core.penalties import PENALTIES
from gandyn.core.penalty import Critic, Number, Penalty
from gandyn.core.types import Batch


def loss(critic: Critic, real: Tensor, fake: Tensor, batch: Batch, weight: Number) -> Tensor:
    """(weight / 2) (E d(x)^2 + E d(G(z))^2)."""
    return weight * 0.5 * (critic(real).square().mean(-1) + critic(fake).square().mean(-1))


PENALTIES.add(
    Penalty(
        loss,
        name="tikhonov",
        summary="holds the critic's values near 0, where the objective leaves a constant open",
        formula="(w / 2) (E d(x)^2 + E d(G(z))^2)",
        cite="Tikhonov 1963; at real samples alone the drift term of Karras et al. 2018 (1710.10196), appendix A.1",
    ),
    rank=9,
)
