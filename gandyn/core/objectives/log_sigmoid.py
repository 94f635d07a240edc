"""The non-saturating game as it is often programmed: logarithms of probabilities that were rounded before."""

from torch import Tensor, sigmoid

from gandyn.core.objectives import OBJECTIVES
from gandyn.core.types import Objective


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


OBJECTIVES.add(
    "log-sigmoid",
    Objective(
        critic_loss,
        generator_loss,
        name="log-sigmoid",
        summary="non-saturating, by logarithms of rounded probabilities: 0 or NaN where the critic is certain",
        formula="L_D = -E[ln D(x) + ln(1 - D(G(z)))],  L_G = -E ln D(G(z)),  D = sigmoid(d), rounded",
        cite="Goodfellow et al. 2014 (1406.2661), eq. 1 and section 3, as a public teaching notebook computes it",
        scale="probability",
        paired=False,
    ),
    rank=6,
)
