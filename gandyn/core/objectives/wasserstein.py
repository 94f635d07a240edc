"""The Wasserstein game: means of the critic; needs a clip or a penalty to stay Lipschitz."""

import torch
from torch import Tensor

from gandyn.core.objectives import OBJECTIVES
from gandyn.core.types import Objective, Slopes


def critic_loss(real: Tensor, fake: Tensor) -> Tensor:
    """E d_f - E d_r."""
    return fake.mean(-1) - real.mean(-1)


def generator_loss(real: Tensor, fake: Tensor) -> Tensor:
    """-E d_f."""
    return -fake.mean(-1)


def critic_slopes(real: Tensor, fake: Tensor) -> tuple[Tensor, Tensor]:
    """-1 and 1."""
    return torch.full_like(real, -1), torch.ones_like(fake)


def generator_slopes(real: Tensor, fake: Tensor) -> tuple[Tensor, Tensor]:
    """0 and -1."""
    return torch.zeros_like(real), torch.full_like(fake, -1)


def bend(real: Tensor, fake: Tensor, real_dot: Tensor, fake_dot: Tensor) -> tuple[Tensor, Tensor]:
    """0: the losses are linear."""
    return torch.zeros_like(real), torch.zeros_like(fake)


OBJECTIVES.add(
    "wasserstein",
    Objective(
        critic_loss,
        generator_loss,
        name="wasserstein",
        summary="the distance between the means of a Lipschitz critic; wants a clip or a gradient penalty",
        formula="L_D = E d(G(z)) - E d(x),  L_G = -E d(G(z))",
        cite="Arjovsky et al. 2017 (1701.07875), algorithm 1",
        scale="difference",
        paired=False,
        slopes=Slopes(critic_slopes, generator_slopes, bend, opposed=True),
    ),
    rank=4,
)
