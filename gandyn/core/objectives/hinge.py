"""The hinge game: the critic asks for a margin of 1 on both sides and no more."""

import numpy as np
from torch import Tensor, relu

from gandyn.core.native import functions
from gandyn.core.objectives import OBJECTIVES
from gandyn.core.objectives.wasserstein import critic_curvature, generator_cotangents, generator_loss
from gandyn.core.types import Objective, VectorForm


def critic_loss(real: Tensor, fake: Tensor) -> Tensor:
    """E relu(1 - d_r) + E relu(1 + d_f)."""
    return relu(1 - real).mean(-1) + relu(1 + fake).mean(-1)


def vector_losses(real, fake):
    """(L_D, L_G) of logits [B]."""
    zero, one = real.dtype.type(0), real.dtype.type(1)
    terms = np.empty_like(real)
    for i in range(len(real)):
        terms[i] = max(one - real[i], zero) + max(one + fake[i], zero)
    return functions.mean(terms), -functions.mean(fake)


def critic_cotangents(real, fake, real_out, fake_out):
    """-1 / B where d_r < 1, and 1 / B where d_f > -1."""
    zero, share = real.dtype.type(0), real.dtype.type(1 / len(real))
    for i in range(len(real)):
        real_out[i] = -share if real[i] < 1 else zero
        fake_out[i] = share if fake[i] > -1 else zero


OBJECTIVES.add(
    Objective(
        critic_loss,
        generator_loss,
        name="hinge",
        summary="a margin of 1 on both sides; samples beyond it no longer move the critic",
        formula="L_D = E relu(1 - d(x)) + E relu(1 + d(G(z))),  L_G = -E d(G(z))",
        cite="Lim & Ye 2017 (1705.02894); Miyato et al. 2018 (1802.05957), eqs. 16 and 17",
        scale="score",
        paired=False,
        vectors=VectorForm(vector_losses, critic_cotangents, generator_cotangents, critic_curvature),
    ),
    rank=3,
)
