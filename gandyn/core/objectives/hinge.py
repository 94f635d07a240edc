"""The hinge game: the critic asks for a margin of 1 on both sides and no more."""

from torch import Tensor, relu

from gandyn.core.objectives import OBJECTIVES
from gandyn.core.objectives.wasserstein import generator_loss
from gandyn.core.types import Objective


def critic_loss(real: Tensor, fake: Tensor) -> Tensor:
    """E relu(1 - d_r) + E relu(1 + d_f)."""
    return relu(1 - real).mean(-1) + relu(1 + fake).mean(-1)


OBJECTIVES.add(
    "hinge",
    Objective(
        critic_loss,
        generator_loss,
        name="hinge",
        summary="a margin of 1 on both sides; samples beyond it no longer move the critic",
        formula="L_D = E relu(1 - d(x)) + E relu(1 + d(G(z))),  L_G = -E d(G(z))",
        cite="Lim & Ye 2017 (1705.02894); Miyato et al. 2018 (1802.05957), eqs. 16 and 17",
        scale="score",
        paired=False,
    ),
    rank=3,
)
