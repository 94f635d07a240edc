"""The non-saturating game: the generator maximises the log-probability of being taken for real."""

from torch import Tensor

from gandyn.core.objectives import OBJECTIVES
from gandyn.core.objectives.minimax import critic_loss, softplus
from gandyn.core.types import Objective


def generator_loss(real: Tensor, fake: Tensor) -> Tensor:
    """E softplus(-d_f)."""
    return softplus(-fake).mean(-1)


OBJECTIVES.add(
    "non-saturating",
    Objective(
        critic_loss,
        generator_loss,
        name="non-saturating",
        summary="the critic's loss of minimax; the generator keeps a gradient where the critic is sure",
        formula="L_D = E softplus(-d(x)) + E softplus(d(G(z))),  L_G = E softplus(-d(G(z)))",
        cite="Goodfellow et al. 2014 (1406.2661), section 3",
        scale="probability",
        paired=False,
    ),
    rank=1,
)
