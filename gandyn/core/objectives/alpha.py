"""(alpha_D, alpha_G): each player has the alpha-loss of its own alpha."""

from dataclasses import dataclass
from typing import Any

from torch import Tensor

from gandyn.core.objective import ParametricObjective
from gandyn.core.objectives import OBJECTIVES
from gandyn.core.objectives.minimax import softplus
from gandyn.core.parameters import parameter


def alpha_loss(d: Tensor, alpha: float) -> Tensor:
    """alpha / (alpha - 1) (1 - sigma(d)^((alpha - 1) / alpha)), elementwise: the loss of having to say "real".

    With p = (alpha - 1) / alpha it is (1 - exp(-p softplus(-d))) / p: without a probability that rounds to 0 or 1, and
    with all digits near alpha = 1, where it is softplus(-d) itself.
    """
    surprise, p = softplus(-d), (alpha - 1) / alpha
    return -(-p * surprise).expm1() / p if p else surprise


def _alpha(of: str) -> Any:
    return parameter(
        1.0, 0.1, 1e6, log=True, suggest=(0.2, 10), meaning=f"alpha of the {of}'s loss; 1: cross-entropy", player=of
    )


@dataclass(frozen=True)
class Alpha(ParametricObjective):
    """L_D = E l(d_r; alpha_D) + E l(-d_f; alpha_D), L_G = minus the same at alpha_G."""

    name = "alpha"
    summary = "each player's cross-entropy with an alpha: above 1 flatter where it errs, below 1 steeper; 1 is minimax"
    formula = (
        "L_D = E l(d(x); alpha_D) + E l(-d(G(z)); alpha_D),  L_G = -E l(d(x); alpha_G) - E l(-d(G(z)); alpha_G),  "
        "l(d; a) = a / (a - 1) (1 - sigma(d)^((a - 1) / a))"
    )
    cite = "Welfert et al. 2023 (2302.14320), of the alpha-loss of Sypherd et al. 2019 (1902.04639)"
    scale = "probability"
    alpha_d: float = _alpha("critic")
    alpha_g: float = _alpha("generator")

    def critic_loss(self, real: Tensor, fake: Tensor) -> Tensor:
        return alpha_loss(real, self.alpha_d).mean(-1) + alpha_loss(-fake, self.alpha_d).mean(-1)

    def generator_loss(self, real: Tensor, fake: Tensor) -> Tensor:
        return -alpha_loss(real, self.alpha_g).mean(-1) - alpha_loss(-fake, self.alpha_g).mean(-1)


OBJECTIVES.add(Alpha(), rank=20)
