"""The non-saturating game: the generator maximises the log-probability of being taken for real."""

import numpy as np
from torch import Tensor

from gandyn.core.native import functions
from gandyn.core.objectives import OBJECTIVES
from gandyn.core.objectives.minimax import critic_cotangents, critic_curvature, critic_loss, softplus
from gandyn.core.types import Objective, VectorForm


def generator_loss(real: Tensor, fake: Tensor) -> Tensor:
    """E softplus(-d_f)."""
    return softplus(-fake).mean(-1)


def vector_losses(real, fake):
    """(L_D, L_G) of logits [B]."""
    critic_terms, generator_terms = np.empty_like(real), np.empty_like(fake)
    for i in range(len(real)):
        critic_terms[i] = functions.softplus(-real[i]) + functions.softplus(fake[i])
        generator_terms[i] = functions.softplus(-fake[i])
    return functions.mean(critic_terms), functions.mean(generator_terms)


def generator_cotangents(real, fake, real_out, fake_out):
    """0 and -sigma(-d_f) / B."""
    share = real.dtype.type(1 / len(real))
    for i in range(len(real)):
        real_out[i] = 0
        fake_out[i] = -share * functions.sigmoid(-fake[i])


OBJECTIVES.add(
    Objective(
        critic_loss,
        generator_loss,
        name="non-saturating",
        summary="the critic's loss of minimax; the generator keeps a gradient where the critic is sure",
        formula="L_D = E softplus(-d(x)) + E softplus(d(G(z))),  L_G = E softplus(-d(G(z)))",
        cite="Goodfellow et al. 2014 (1406.2661), section 3",
        scale="probability",
        paired=False,
        vectors=VectorForm(vector_losses, critic_cotangents, generator_cotangents, critic_curvature),
    ),
    rank=1,
)
