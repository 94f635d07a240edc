"""Least squares with labels of one's own."""

from dataclasses import dataclass

from torch import Tensor

from gandyn.core.objective import ParametricObjective
from gandyn.core.objectives import OBJECTIVES
from gandyn.core.parameters import parameter


@dataclass(frozen=True)
class LeastSquaresAbc(ParametricObjective):
    """L_D = E (d_r - b)^2 / 2 + E (d_f - a)^2 / 2, L_G = E (d_f - c)^2 / 2.

    With b - c = 1 and b - a = 2, the defaults, the generator at the optimal critic minimises half of Pearson's
    chi-squared divergence of p + q from 2 q; `least-squares` is a = 0, b = c = 1.
    """

    name = "least-squares-abc"
    summary = "regression to b (real) and a (generated), while the generator wants c"
    formula = "L_D = E (d(x) - b)^2 / 2 + E (d(G(z)) - a)^2 / 2,  L_G = E (d(G(z)) - c)^2 / 2"
    cite = "Mao et al. 2017 (1611.04076), eqs. 2 and 8"
    scale = "score"
    paired = False
    a: float = parameter(
        -1.0, -100, 100, suggest=(-2, 2), meaning="the critic's label of generated samples", player="critic"
    )
    b: float = parameter(1.0, -100, 100, suggest=(-2, 2), meaning="the critic's label of real samples", player="critic")
    c: float = parameter(
        0.0, -100, 100, suggest=(-2, 2), meaning="what the generator wants the critic to say", player="generator"
    )

    def critic_loss(self, real: Tensor, fake: Tensor) -> Tensor:
        return 0.5 * ((real - self.b).square().mean(-1) + (fake - self.a).square().mean(-1))

    def generator_loss(self, real: Tensor, fake: Tensor) -> Tensor:
        return 0.5 * (fake - self.c).square().mean(-1)


OBJECTIVES.add(LeastSquaresAbc(), rank=21)
