"""The non-saturating game: the generator maximises the log-probability of being taken for real."""

import torch
from torch import Tensor

from gandyn.core.objectives import OBJECTIVES
from gandyn.core.objectives.minimax import bend, critic_loss, critic_slopes, softplus
from gandyn.core.types import Objective, Slopes


def generator_loss(real: Tensor, fake: Tensor) -> Tensor:
    """E softplus(-d_f)."""
    return softplus(-fake).mean(-1)


def generator_slopes(real: Tensor, fake: Tensor) -> tuple[Tensor, Tensor]:
    """0 and -sigma(-d_f)."""
    return torch.zeros_like(real), torch.sigmoid(-fake).neg_()


OBJECTIVES.add(
    "non-saturating",
    Objective(
        critic_loss,
        generator_loss,
        name="non-saturating",
        summary="the critic's loss of minimax; the generator keeps a gradient where the critic is sure",
        formula="L_D = E softplus(-d(x)) + E softplus(d(G(z))),  L_G = E softplus(-d(G(z)))",
        cite="Goodfellow et al. 2014 (1406.2661), section 3",
        scale="probability",
        paired=False,
        slopes=Slopes(critic_slopes, generator_slopes, bend),
    ),
    rank=1,
)
