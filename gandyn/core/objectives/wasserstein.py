"""The Wasserstein game: means of the critic; needs a clip or a penalty to stay Lipschitz."""

from torch import Tensor

from gandyn.core.objectives import OBJECTIVES
from gandyn.core.types import Objective


def critic_loss(real: Tensor, fake: Tensor) -> Tensor:
    """E d_f - E d_r."""
    return fake.mean(-1) - real.mean(-1)


def generator_loss(real: Tensor, fake: Tensor) -> Tensor:
    """-E d_f."""
    return -fake.mean(-1)


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
    ),
    rank=4,
)
