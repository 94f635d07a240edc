"""The exponential loss of boosting."""

from torch import Tensor

from gandyn.core.objectives import OBJECTIVES
from gandyn.core.types import Objective


def critic_loss(real: Tensor, fake: Tensor) -> Tensor:
    """E exp(-d_r) + E exp(d_f)."""
    return (-real).exp().mean(-1) + fake.exp().mean(-1)


def generator_loss(real: Tensor, fake: Tensor) -> Tensor:
    """E exp(-d_f)."""
    return (-fake).exp().mean(-1)


OBJECTIVES.add(
    Objective(
        critic_loss,
        generator_loss,
        name="exponential",
        summary="errors cost exponentially more the surer the critic is",
        formula="L_D = E exp(-d(x)) + E exp(d(G(z))),  L_G = E exp(-d(G(z)))",
        cite="Friedman et al. 2000, Annals of Statistics 28(2), eq. 14: the loss of AdaBoost",
        scale="score",
        paired=False,
    ),
    rank=15,
)
