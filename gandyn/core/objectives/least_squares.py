"""Least squares: the critic regresses 1 on real and 0 on generated samples."""

import numpy as np
from torch import Tensor

from gandyn.core.native import functions
from gandyn.core.objectives import OBJECTIVES
from gandyn.core.types import Objective, VectorForm


def critic_loss(real: Tensor, fake: Tensor) -> Tensor:
    """E (d_r - 1)^2 / 2 + E d_f^2 / 2."""
    return 0.5 * ((real - 1).square().mean(-1) + fake.square().mean(-1))


def generator_loss(real: Tensor, fake: Tensor) -> Tensor:
    """E (d_f - 1)^2 / 2."""
    return 0.5 * (fake - 1).square().mean(-1)


def vector_losses(real, fake):
    """(L_D, L_G) of logits [B]."""
    one, half = real.dtype.type(1), real.dtype.type(0.5)
    critic_terms, generator_terms = np.empty_like(real), np.empty_like(fake)
    for i in range(len(real)):
        critic_terms[i] = half * ((real[i] - one) * (real[i] - one) + fake[i] * fake[i])
        generator_terms[i] = half * (fake[i] - one) * (fake[i] - one)
    return functions.mean(critic_terms), functions.mean(generator_terms)


def critic_cotangents(real, fake, real_out, fake_out):
    """(d_r - 1) / B and d_f / B."""
    one, share = real.dtype.type(1), real.dtype.type(1 / len(real))
    for i in range(len(real)):
        real_out[i] = share * (real[i] - one)
        fake_out[i] = share * fake[i]


def generator_cotangents(real, fake, real_out, fake_out):
    """0 and (d_f - 1) / B."""
    one, share = real.dtype.type(1), real.dtype.type(1 / len(real))
    for i in range(len(real)):
        real_out[i] = 0
        fake_out[i] = share * (fake[i] - one)


def critic_curvature(real, fake, real_dot, fake_dot, real_out, fake_out):
    """The tangent / B."""
    share = real.dtype.type(1 / len(real))
    for i in range(len(real)):
        real_out[i] = share * real_dot[i]
        fake_out[i] = share * fake_dot[i]


OBJECTIVES.add(
    Objective(
        critic_loss,
        generator_loss,
        name="least-squares",
        summary="regression to 1 (real) and 0 (generated); a gradient that grows with the distance",
        formula="L_D = E (d(x) - 1)^2 / 2 + E d(G(z))^2 / 2,  L_G = E (d(G(z)) - 1)^2 / 2",
        cite="Mao et al. 2017 (1611.04076), eq. 9",
        scale="target",
        paired=False,
        vectors=VectorForm(vector_losses, critic_cotangents, generator_cotangents, critic_curvature),
    ),
    rank=2,
)
