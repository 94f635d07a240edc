"""Gradients corrected by the game's Jacobian: consensus optimisation and symplectic gradient adjustment."""

from dataclasses import dataclass

from gandyn.core.game_field import Evaluation, GameField, dot, plus
from gandyn.core.parameters import parameter
from gandyn.core.types import State
from gandyn.core.update_rule import PRODUCT, UpdateRule
from gandyn.core.update_rules import UPDATE_RULES


@dataclass(frozen=True)
class Consensus(UpdateRule):
    """w <- w - h (v + gamma J'v): J'v is the gradient of |v|^2 / 2, on which both players agree."""

    name = "consensus"
    summary = "both players also make the squared norm of the field smaller"
    formula = "w <- w - h (v + gamma J'v)"
    cite = "Mescheder et al. 2017 (1705.10461), eq. 11"
    gamma: float = parameter(
        0.5, 0, 1e4, log=True, suggest=(0.01, 100), meaning="the weight of the squared norm of the field"
    )

    @property
    def gradients(self) -> float:
        return 1.0 + PRODUCT

    def contraction(self, h: float) -> float | None:
        return abs(1 - self.gamma * h - 1j * h)

    def step(self, field: GameField, w: State) -> tuple[State, Evaluation]:
        here, j = field.at(w), field.differentiate(w)
        return field.move(w, plus(here.v, j.transposed(here.v), self.gamma)), here


@dataclass(frozen=True)
class Symplectic(UpdateRule):
    """w <- w - h (v + lambda A'v), A = (J - J') / 2, which turns v towards stable points.

    With `align` the sign of lambda is that of <v, J'v> <A'v, J'v> + 0.1, which is drawn to stable points and pushed off
    unstable ones (1802.05642, section 3.5).
    """

    name = "symplectic"
    summary = "turns the field against its rotation: the antisymmetric part of the Jacobian alone corrects it"
    formula = "w <- w - h (v + lambda A'v),  A = (J - J') / 2"
    cite = "Balduzzi et al. 2018 (1802.05642), algorithm 1; Letcher et al. 2019 (1905.04926)"
    strength: float = parameter(
        1.0, 0, 1e4, log=True, suggest=(0.01, 100), meaning="lambda, the weight of the adjustment"
    )
    align: str = parameter("yes", choices=("yes", "no"), meaning="whether its sign is chosen by the game")

    @property
    def gradients(self) -> float:
        return 1.0 + 2 * PRODUCT

    def contraction(self, h: float) -> float | None:
        return abs(1 - self.strength * h - 1j * h)

    def step(self, field: GameField, w: State) -> tuple[State, Evaluation]:
        here, j = field.at(w), field.differentiate(w)
        of_norm = j.transposed(here.v)  # the gradient of |v|^2 / 2
        turn = plus(of_norm, plus(of_norm, j.times(here.v)), -0.5)  # A'v = (J'v - J v) / 2
        sign = 1.0
        if self.align == "yes":
            sign = (dot(here.v, of_norm) * dot(turn, of_norm) + 0.1).sign()[..., None]
        return field.move(w, plus(here.v, turn, self.strength * sign)), here


UPDATE_RULES.add(Consensus, rank=20)
UPDATE_RULES.add(Symplectic, rank=21)
