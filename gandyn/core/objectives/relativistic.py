"""Relativistic pairing: each generated sample is judged against the real sample of its own row."""

import numpy as np
from torch import Tensor

from gandyn.core.native import functions
from gandyn.core.objectives import OBJECTIVES
from gandyn.core.objectives.minimax import softplus
from gandyn.core.types import Objective, VectorForm


def critic_loss(real: Tensor, fake: Tensor) -> Tensor:
    """E softplus(-(d_r - d_f)), paired row by row."""
    return softplus(fake - real).mean(-1)


def generator_loss(real: Tensor, fake: Tensor) -> Tensor:
    """E softplus(-(d_f - d_r)), paired row by row."""
    return softplus(real - fake).mean(-1)


def vector_losses(real, fake):
    """(L_D, L_G) of logits [B], paired row by row."""
    critic_terms, generator_terms = np.empty_like(real), np.empty_like(fake)
    for i in range(len(real)):
        critic_terms[i] = functions.softplus(fake[i] - real[i])
        generator_terms[i] = functions.softplus(real[i] - fake[i])
    return functions.mean(critic_terms), functions.mean(generator_terms)


def critic_cotangents(real, fake, real_out, fake_out):
    """-sigma(-e) / B and sigma(-e) / B, e = d_r - d_f."""
    share = real.dtype.type(1 / len(real))
    for i in range(len(real)):
        doubt = share * functions.sigmoid(fake[i] - real[i])
        real_out[i] = -doubt
        fake_out[i] = doubt


def generator_cotangents(real, fake, real_out, fake_out):
    """sigma(e) / B and -sigma(e) / B."""
    share = real.dtype.type(1 / len(real))
    for i in range(len(real)):
        sure = share * functions.sigmoid(real[i] - fake[i])
        real_out[i] = sure
        fake_out[i] = -sure


def critic_curvature(real, fake, real_dot, fake_dot, real_out, fake_out):
    """sigma(e) sigma(-e) / B times the tangent of e, and its negative."""
    one, share = real.dtype.type(1), real.dtype.type(1 / len(real))
    for i in range(len(real)):
        small = functions.sigmoid(-abs(real[i] - fake[i]))
        bent = share * small * (one - small) * (real_dot[i] - fake_dot[i])
        real_out[i] = bent
        fake_out[i] = -bent


OBJECTIVES.add(
    Objective(
        critic_loss,
        generator_loss,
        name="relativistic",
        summary="each pair of a real and a generated sample: which of the two is real?",
        formula="L_D = E softplus(-(d(x) - d(G(z)))),  L_G = E softplus(-(d(G(z)) - d(x)))",
        cite="Jolicoeur-Martineau 2018 (1807.00734); Huang et al. 2024 (2501.05441), R3GAN",
        scale="difference",
        vectors=VectorForm(vector_losses, critic_cotangents, generator_cotangents, critic_curvature),
    ),
    rank=5,
)
