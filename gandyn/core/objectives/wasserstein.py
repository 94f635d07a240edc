"""The Wasserstein game: means of the critic; needs a clip or a penalty to stay Lipschitz."""

from torch import Tensor

from gandyn.core.native import functions
from gandyn.core.objectives import OBJECTIVES
from gandyn.core.types import Objective, VectorForm


def critic_loss(real: Tensor, fake: Tensor) -> Tensor:
    """E d_f - E d_r."""
    return fake.mean(-1) - real.mean(-1)


def generator_loss(real: Tensor, fake: Tensor) -> Tensor:
    """-E d_f."""
    return -fake.mean(-1)


def vector_losses(real, fake):
    """(L_D, L_G) of values [B]."""
    return functions.mean(fake) - functions.mean(real), -functions.mean(fake)


def critic_cotangents(real, fake, real_out, fake_out):
    """-1 / B and 1 / B."""
    share = real.dtype.type(1 / len(real))
    for i in range(len(real)):
        real_out[i] = -share
        fake_out[i] = share


def generator_cotangents(real, fake, real_out, fake_out):
    """0 and -1 / B."""
    share = real.dtype.type(1 / len(real))
    for i in range(len(real)):
        real_out[i] = 0
        fake_out[i] = -share


def critic_curvature(real, fake, real_dot, fake_dot, real_out, fake_out):
    """0: straight lines."""
    for i in range(len(real)):
        real_out[i] = 0
        fake_out[i] = 0


OBJECTIVES.add(
    Objective(
        critic_loss,
        generator_loss,
        name="wasserstein",
        summary="the distance between the means of a Lipschitz critic; wants a clip or a gradient penalty",
        formula="L_D = E d(G(z)) - E d(x),  L_G = -E d(G(z))",
        cite="Arjovsky et al. 2017 (1701.07875), algorithm 1",
        scale="difference",
        paired=False,
        vectors=VectorForm(vector_losses, critic_cotangents, generator_cotangents, critic_curvature, opposed=True),
    ),
    rank=4,
)
