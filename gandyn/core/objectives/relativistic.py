"""Relativistic pairing: each generated sample is judged against the real sample of its own row."""

from torch import Tensor

from gandyn.core.objectives import OBJECTIVES
from gandyn.core.objectives.minimax import softplus
from gandyn.core.types import Objective


def critic_loss(real: Tensor, fake: Tensor) -> Tensor:
    """E softplus(-(d_r - d_f)), paired row by row."""
    return softplus(fake - real).mean(-1)


def generator_loss(real: Tensor, fake: Tensor) -> Tensor:
    """E softplus(-(d_f - d_r)), paired row by row."""
    return softplus(real - fake).mean(-1)


OBJECTIVES.add(
    "relativistic",
    Objective(
        critic_loss,
        generator_loss,
        name="relativistic",
        summary="each pair of a real and a generated sample: which of the two is real?",
        formula="L_D = E softplus(-(d(x) - d(G(z)))),  L_G = E softplus(-(d(G(z)) - d(x)))",
        cite="Jolicoeur-Martineau 2018 (1807.00734); Huang et al. 2024 (2501.05441), R3GAN",
        scale="difference",
    ),
    rank=5,
)
