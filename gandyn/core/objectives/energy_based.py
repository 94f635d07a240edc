"""Energy-based: low energy for real samples, at least a margin of it for generated ones."""

from dataclasses import dataclass

from torch import Tensor, relu

from gandyn.core.objective import ParametricObjective
from gandyn.core.objectives import OBJECTIVES
from gandyn.core.objectives.minimax import softplus
from gandyn.core.parameters import parameter


@dataclass(frozen=True)
class EnergyBased(ParametricObjective):
    """L_D = E e_r + E max(0, m - e_f), L_G = E e_f, of the energy e = softplus(-d).

    An energy must not be negative. The paper's is an autoencoder's error; a critic of one number has none, so here it
    is softplus(-d), and d grows towards what is real, as everywhere else.
    """

    name = "energy-based"
    summary = "energy is lowered where the data are and raised to a margin where samples are; beyond it they rest"
    formula = "L_D = E e(x) + E max(0, m - e(G(z))),  L_G = E e(G(z)),  e = softplus(-d)"
    cite = "Zhao et al. 2017 (1609.03126), eqs. 1 and 2; with softplus(-d) for the autoencoder's error"
    scale = "score"
    paired = False
    margin: float = parameter(
        1.0,
        1e-3,
        1e3,
        log=True,
        suggest=(0.1, 10),
        meaning="m, the energy that generated samples are raised to",
        player="critic",
    )

    def critic_loss(self, real: Tensor, fake: Tensor) -> Tensor:
        return softplus(-real).mean(-1) + relu(self.margin - softplus(-fake)).mean(-1)

    def generator_loss(self, real: Tensor, fake: Tensor) -> Tensor:
        return softplus(-fake).mean(-1)


OBJECTIVES.add(EnergyBased(), rank=22)
