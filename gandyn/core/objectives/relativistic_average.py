"""Relativistic average: each sample is judged against the average of the other kind."""

from torch import Tensor

from gandyn.core.objectives import OBJECTIVES
from gandyn.core.objectives.minimax import softplus
from gandyn.core.types import Objective


def _against(real: Tensor, fake: Tensor) -> tuple[Tensor, Tensor]:
    """(e_r, e_f): how much more real each sample is than the average of the other kind."""
    return real - fake.mean(-1, keepdim=True), fake - real.mean(-1, keepdim=True)


def critic_loss(real: Tensor, fake: Tensor) -> Tensor:
    """E softplus(-e_r) + E softplus(e_f)."""
    e_real, e_fake = _against(real, fake)
    return softplus(-e_real).mean(-1) + softplus(e_fake).mean(-1)


def generator_loss(real: Tensor, fake: Tensor) -> Tensor:
    """E softplus(e_r) + E softplus(-e_f)."""
    e_real, e_fake = _against(real, fake)
    return softplus(e_real).mean(-1) + softplus(-e_fake).mean(-1)


OBJECTIVES.add(
    Objective(
        critic_loss,
        generator_loss,
        name="relativistic-average",
        summary="is a sample more real than the other kind is on average?",
        formula="L_D = E softplus(-e_r) + E softplus(e_f),  L_G = E softplus(e_r) + E softplus(-e_f),  "
        "e_r = d(x) - E d(G(z)),  e_f = d(G(z)) - E d(x)",
        cite="Jolicoeur-Martineau 2018 (1807.00734), section 4.2: RaSGAN",
        scale="difference",
    ),
    rank=6,
)
