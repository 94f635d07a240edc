"""The saturating minimax game, real term included: it matters when the critic is looked ahead."""

import torch
from torch import Tensor
from torch.nn import functional as F

from gandyn.core.objectives import OBJECTIVES
from gandyn.core.types import Objective

aten = torch.ops.aten


def softplus(x: Tensor) -> Tensor:
    """ln(1 + exp x), exact in float64, too: torch's own is x from 20 on, which is off by 2e-9."""
    return F.softplus(x, threshold=40)


def critic_loss(real: Tensor, fake: Tensor) -> Tensor:
    """f = E softplus(-d_r) + E softplus(d_f), the cross-entropy of telling real from generated."""
    return softplus(-real).mean(-1) + softplus(fake).mean(-1)


def generator_loss(real: Tensor, fake: Tensor) -> Tensor:
    """-f."""
    return -critic_loss(real, fake)


OBJECTIVES.add(
    "minimax",
    Objective(
        critic_loss,
        generator_loss,
        name="minimax",
        summary="one loss for both: the critic minimises it, the generator maximises it (saturates)",
        formula="L_D = E softplus(-d(x)) + E softplus(d(G(z))),  L_G = -L_D",
        cite="Goodfellow et al. 2014 (1406.2661), eq. 1",
        scale="probability",
    ),
    rank=0,
)
