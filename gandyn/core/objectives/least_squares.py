"""Least squares: the critic regresses 1 on real and 0 on generated samples."""

from torch import Tensor

from gandyn.core.objectives import OBJECTIVES
from gandyn.core.types import Objective


def critic_loss(real: Tensor, fake: Tensor) -> Tensor:
    """E (d_r - 1)^2 / 2 + E d_f^2 / 2."""
    return 0.5 * ((real - 1).square().mean(-1) + fake.square().mean(-1))


def generator_loss(real: Tensor, fake: Tensor) -> Tensor:
    """E (d_f - 1)^2 / 2."""
    return 0.5 * (fake - 1).square().mean(-1)


OBJECTIVES.add(
    "least-squares",
    Objective(
        critic_loss,
        generator_loss,
        name="least-squares",
        summary="regression to 1 (real) and 0 (generated); a gradient that grows with the distance",
        formula="L_D = E (d(x) - 1)^2 / 2 + E d(G(z))^2 / 2,  L_G = E (d(G(z)) - 1)^2 / 2",
        cite="Mao et al. 2017 (1611.04076), eq. 9",
        scale="target",
        paired=False,
    ),
    rank=2,
)
