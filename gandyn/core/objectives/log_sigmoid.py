"""The non-saturating game as it is often programmed: logarithms of probabilities that were rounded before."""

import numpy as np
from torch import Tensor, sigmoid

from gandyn.core.native import functions
from gandyn.core.objectives import OBJECTIVES
from gandyn.core.types import Objective, VectorForm


def critic_loss(real: Tensor, fake: Tensor) -> Tensor:
    """-E[ln D(x) + ln(1 - D(G(z)))], D = sigmoid(d), a number of the logits' own precision.

    Where the critic is certain, rounding decides (the bounds hold for float32, those in brackets for float64):
      d(x) > 16.7 (36.8)      D is 1: loss and gradient are exactly 0; softplus has the gradient exp(-d) / B
      d(G(z)) > 16.7 (36.8)   1 - D is 0: the loss is infinite, its gradient NaN (infinity times 0)
      d(x) < -88.8 (-709.8)   D is 0: the same
    Nothing is added inside the logarithm, so one sample of which the critic is certain and wrong makes all weights NaN.
    """
    return -(sigmoid(real).log() + (1 - sigmoid(fake)).log()).mean(-1)


def generator_loss(real: Tensor, fake: Tensor) -> Tensor:
    """-E ln D(G(z)); loss and gradient are 0 where d(G(z)) > 16.7, infinite and NaN where it is below -88.8."""
    return -sigmoid(fake).log().mean(-1)


def vector_losses(real, fake):
    """(L_D, L_G) of logits [B], with the probabilities rounded before their logarithm."""
    one = real.dtype.type(1)
    critic_terms, generator_terms = np.empty_like(real), np.empty_like(fake)
    for i in range(len(real)):
        of_real = one / (one + functions.exp(-real[i]))
        of_fake = one / (one + functions.exp(-fake[i]))
        critic_terms[i] = -functions.log(of_real) - functions.log(one - of_fake)
        generator_terms[i] = -functions.log(of_fake)
    return functions.mean(critic_terms), functions.mean(generator_terms)


def critic_cotangents(real, fake, real_out, fake_out):
    """-(1 / D) D (1 - D) / B and (1 / (1 - D)) D (1 - D) / B: factor by factor, as autograd multiplies them."""
    one, share = real.dtype.type(1), real.dtype.type(1 / len(real))
    for i in range(len(real)):
        p = one / (one + functions.exp(-real[i]))
        real_out[i] = -share / p * (one - p) * p
        p = one / (one + functions.exp(-fake[i]))
        fake_out[i] = share / (one - p) * (one - p) * p


def generator_cotangents(real, fake, real_out, fake_out):
    """0 and -(1 / D) D (1 - D) / B."""
    one, share = real.dtype.type(1), real.dtype.type(1 / len(real))
    for i in range(len(real)):
        p = one / (one + functions.exp(-fake[i]))
        real_out[i] = 0
        fake_out[i] = -share / p * (one - p) * p


def critic_curvature(real, fake, real_dot, fake_dot, real_out, fake_out):
    """D (1 - D) / B times the tangent."""
    one, share = real.dtype.type(1), real.dtype.type(1 / len(real))
    for i in range(len(real)):
        p = one / (one + functions.exp(-real[i]))
        real_out[i] = share * p * (one - p) * real_dot[i]
        p = one / (one + functions.exp(-fake[i]))
        fake_out[i] = share * p * (one - p) * fake_dot[i]


OBJECTIVES.add(
    Objective(
        critic_loss,
        generator_loss,
        name="log-sigmoid",
        summary="non-saturating, by logarithms of rounded probabilities: 0 or NaN where the critic is certain",
        formula="L_D = -E[ln D(x) + ln(1 - D(G(z)))],  L_G = -E ln D(G(z)),  D = sigmoid(d), rounded",
        cite="Goodfellow et al. 2014 (1406.2661), eq. 1 and section 3, as a public teaching notebook computes it",
        scale="probability",
        paired=False,
        vectors=VectorForm(vector_losses, critic_cotangents, generator_cotangents, critic_curvature),
    ),
    rank=6,
)
