"""The saturating minimax game, real term included: it matters when the critic is looked ahead."""

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from gandyn.core.native import functions
from gandyn.core.objectives import OBJECTIVES
from gandyn.core.types import Objective, VectorForm

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


def vector_losses(real, fake):
    """(L_D, L_G) of logits [B]."""
    terms = np.empty_like(real)
    for i in range(len(real)):
        terms[i] = functions.softplus(-real[i]) + functions.softplus(fake[i])
    f = functions.mean(terms)
    return f, -f


def critic_cotangents(real, fake, real_out, fake_out):
    """-sigma(-d_r) / B and sigma(d_f) / B."""
    share = real.dtype.type(1 / len(real))
    for i in range(len(real)):
        real_out[i] = -share * functions.sigmoid(-real[i])
        fake_out[i] = share * functions.sigmoid(fake[i])


def generator_cotangents(real, fake, real_out, fake_out):
    """The same with the other sign."""
    share = real.dtype.type(1 / len(real))
    for i in range(len(real)):
        real_out[i] = share * functions.sigmoid(-real[i])
        fake_out[i] = -share * functions.sigmoid(fake[i])


def critic_curvature(real, fake, real_dot, fake_dot, real_out, fake_out):
    """sigma (1 - sigma) / B times the tangent; even in d, so taken where sigma is small and keeps its digits."""
    one, share = real.dtype.type(1), real.dtype.type(1 / len(real))
    for i in range(len(real)):
        small = functions.sigmoid(-abs(real[i]))
        real_out[i] = share * small * (one - small) * real_dot[i]
        small = functions.sigmoid(-abs(fake[i]))
        fake_out[i] = share * small * (one - small) * fake_dot[i]


OBJECTIVES.add(
    Objective(
        critic_loss,
        generator_loss,
        name="minimax",
        summary="one loss for both: the critic minimises it, the generator maximises it (saturates)",
        formula="L_D = E softplus(-d(x)) + E softplus(d(G(z))),  L_G = -L_D",
        cite="Goodfellow et al. 2014 (1406.2661), eq. 1",
        scale="probability",
        vectors=VectorForm(vector_losses, critic_cotangents, generator_cotangents, critic_curvature, opposed=True),
    ),
    rank=0,
)
