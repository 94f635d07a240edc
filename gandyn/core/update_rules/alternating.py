"""Rules in which one player moves after the other and each looks beyond where the other stands."""

from dataclasses import dataclass
from typing import Any, NamedTuple

import torch
from torch import Tensor

from gandyn.core.game_field import Evaluation, GameField
from gandyn.core.parameters import parameter
from gandyn.core.types import State
from gandyn.core.update_rule import UpdateRule
from gandyn.core.update_rules import UPDATE_RULES


class SeenCritic(NamedTuple):
    """The critic that the generator sees: beyond where it stands."""

    seen_d: Tensor


@dataclass(frozen=True)
class AlexGda(UpdateRule):
    """Alternating, the generator first; each player sees theta + (beyond - 1) (theta - theta_before) of the other.

    theta_G <- theta_G - h dL_G(theta_G, D~), G~ = c theta_G + (1 - c) theta_G_before, theta_D <- theta_D -
    h dL_D(G~, theta_D), D~ likewise. beyond = 1: alternating gradient descent.
    """

    name = "alex-gda"
    summary = "one after the other, and each sees the other a little further on than it is"
    formula = "theta_G <- theta_G - h v_G(theta_G, D~),  G~ = c theta_G' + (1 - c) theta_G,  the critic likewise at G~"
    cite = "Lee et al. 2024 (2402.10475), algorithm 3"
    remembers = SeenCritic
    beyond: float = parameter(
        2.0, 1, 10, suggest=(1, 3), meaning="c, how far the other is seen: 1 is where it stands", player="both"
    )

    @property
    def gradients(self) -> float:
        return 2.0

    def contraction(self, h: float) -> float | None:
        c = self.beyond  # of (x, y, y~)
        matrix = torch.tensor([[1, 0, -h], [h, 1, -c * h**2], [c * h, 1, -((c * h) ** 2)]], dtype=torch.float64)
        return float(torch.linalg.eigvals(matrix).abs().max())

    def memory(self, w: State) -> Any:
        return SeenCritic(w.d)

    def step(self, field: GameField, w: State) -> tuple[State, Evaluation]:
        here = field.at(w._replace(d=w.rule.seen_d))
        generator = field.move(w, here.v)  # of which the generator is taken
        seen_g = self._seen(generator.g, w.g)
        there = field.at(w._replace(g=seen_g))
        critic = field.move(w, there.v)
        moved = critic._replace(g=generator.g, opt_g=generator.opt_g, rule=SeenCritic(self._seen(critic.d, w.d)))
        return moved, here

    def _seen(self, new: Tensor, old: Tensor) -> Tensor:
        return new + (self.beyond - 1) * (new - old)


UPDATE_RULES.add(AlexGda, rank=6)
