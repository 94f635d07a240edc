"""Rules that differentiate through the other player's next move.

chi_G = (dv_D/dtheta_G)' dL_G/dtheta_D, and chi_D likewise; J_o is J without its diagonal blocks.
"""

from dataclasses import dataclass
from typing import Any, NamedTuple

import torch
from torch import Tensor

from gandyn.core.field import Field
from gandyn.core.game_field import Evaluation, GameField, Linearisation, dot, place, plus
from gandyn.core.parameters import parameter
from gandyn.core.types import State
from gandyn.core.update_rule import PRODUCT, UpdateRule, largest_root
from gandyn.core.update_rules import UPDATE_RULES


def _rate() -> Any:
    return parameter(
        0.1,
        0,
        1e3,
        log=True,
        suggest=(1e-3, 10),
        meaning="alpha, the learning rate that each player expects of the other",
        player="both",
    )


def _ahead(v: Field, j: Linearisation, alpha: float) -> Field:
    """Each player's gradient where one step of the other at rate alpha leads, to first order: v - alpha J_o v."""
    return plus(v, j.interaction(v), -alpha)


@dataclass(frozen=True)
class LookAhead(UpdateRule):
    """w <- w - h (v - alpha J_o v): each player's gradient where one step of the other will have led."""

    name = "look-ahead"
    summary = "each player's gradient where the other's next step will lead; the other is not shaped by it"
    formula = "w <- w - h (v - alpha J_o v)"
    cite = "Zhang & Lesser 2010; Letcher et al. 2019 (1811.08469), section 3"
    alpha: float = _rate()

    @property
    def gradients(self) -> float:
        return 1.0 + 2 * PRODUCT

    def contraction(self, h: float) -> float | None:
        return abs(1 - self.alpha * h - 1j * h)

    def step(self, field: GameField, w: State) -> tuple[State, Evaluation]:
        here, j = field.at(w), field.differentiate(w)
        return field.move(w, _ahead(here.v, j, self.alpha)), here


@dataclass(frozen=True)
class Lola(UpdateRule):
    """w <- w - h (v - alpha J_o v - alpha chi): the derivative of a player's loss after the other's next step."""

    name = "lola"
    summary = "each player reckons with what its move makes of the other's next step: look-ahead k = 1 of both players"
    formula = "w <- w - h (v - alpha J_o v - alpha chi)"
    cite = "Foerster et al. 2018 (1709.04326); in the form of Letcher et al. 2019 (1811.08469), eq. 2"
    alpha: float = _rate()

    @property
    def gradients(self) -> float:
        return 1.0 + 4 * PRODUCT

    def contraction(self, h: float) -> float | None:
        return abs(1 - 2 * self.alpha * h - 1j * h)

    def step(self, field: GameField, w: State) -> tuple[State, Evaluation]:
        here, j = field.at(w), field.differentiate(w)
        ahead = _ahead(here.v, j, self.alpha)
        return field.move(w, plus(ahead, j.shaping(), -self.alpha)), here


@dataclass(frozen=True)
class StableOpponentShaping(UpdateRule):
    """w <- w - h (xi - p alpha chi), xi = v - alpha J_o v: LOLA's shaping by a share p that never turns against xi.

    p = min(p1, p2); p1 = min(1, a |xi|^2 / <alpha chi, xi>) where the shaping turns against xi, else 1; p2 = |v|^2
    where |v| < b, else 1.
    """

    name = "stable-opponent-shaping"
    summary = "LOLA as far as it does not turn against the look-ahead, and not near a fixed point"
    formula = "w <- w - h (xi - p alpha chi),  xi = v - alpha J_o v,  p in [0, 1]"
    cite = "Letcher et al. 2019 (1811.08469), algorithm 1"
    alpha: float = _rate()
    a: float = parameter(
        0.5, 0, 0.999999, meaning="the share of the look-ahead that the shaping may take", player="both"
    )
    b: float = parameter(0.1, 0, 0.999999, meaning="the norm of the field below which the shaping fades", player="both")

    @property
    def gradients(self) -> float:
        return 1.0 + 4 * PRODUCT

    def step(self, field: GameField, w: State) -> tuple[State, Evaluation]:
        here, j = field.at(w), field.differentiate(w)
        xi, chi = _ahead(here.v, j, self.alpha), j.shaping()
        against, size = self.alpha * dot(chi, xi), dot(here.v, here.v)
        limit = torch.where(against > 0, self.a * dot(xi, xi) / torch.where(against > 0, against, 1.0), 1.0)
        fade = torch.where(size < self.b**2, size, 1.0)
        share = torch.minimum(limit.clamp(max=1.0), fade)
        return field.move(w, plus(xi, chi, -self.alpha * share[..., None])), here


class LastPoint(NamedTuple):
    """Where the players stood one step before."""

    before_g: Tensor
    before_d: Tensor


@dataclass(frozen=True)
class Lead(UpdateRule):
    """w <- w - h (v + c J_o (w - w_before)); a momentum is the optimiser's own (beta 1)."""

    name = "lead"
    summary = "a force at right angles to the other player's last move, which damps the rotation"
    formula = "w <- w - h (v + c J_o (w_t - w_(t-1)))"
    cite = "Hemmat et al. 2020 (2010.13846), eq. 8, with alpha = c h"
    remembers = LastPoint
    coupling: float = parameter(
        1.0, -1e3, 1e3, suggest=(0, 10), meaning="c, the strength of the force", player="interaction"
    )

    @property
    def gradients(self) -> float:
        return 1.0 + 2 * PRODUCT

    def contraction(self, h: float) -> float | None:
        return largest_root(1, -(1 - 1j * h * (1 + self.coupling)), -1j * h * self.coupling)

    def memory(self, w: State) -> Any:
        return LastPoint(w.g, w.d)

    def step(self, field: GameField, w: State) -> tuple[State, Evaluation]:
        here, j = field.at(w), field.differentiate(w)
        last = plus(place(w), Field(w.rule.before_g, w.rule.before_d), -1.0)
        moved = field.move(w, plus(here.v, j.interaction(last), self.coupling))
        return moved._replace(rule=LastPoint(w.g, w.d)), here


@dataclass(frozen=True)
class DriftCorrection(UpdateRule):
    """w <- w - h (v - c h J_o v / 2): without the interaction that simultaneous steps of finite size add to the flow.

    Such steps follow dw/dt = -v - (h/2) J v to second order in h; c = 1 cancels the part J_o of it.
    """

    name = "drift-correction"
    summary = "cancels what steps of finite size add to the game: the drift of each player along the other's move"
    formula = "w <- w - h (v - c (h / 2) J_o v)"
    cite = "Rosca et al. 2021 (2105.13922), theorem 3.1 and section 5"
    share: float = parameter(1.0, 0, 10, suggest=(0, 2), meaning="c, how much of the drift is cancelled", player="both")

    @property
    def gradients(self) -> float:
        return 1.0 + 2 * PRODUCT

    def contraction(self, h: float) -> float | None:
        return abs(1 - 1j * h - self.share * h**2 / 2)

    def step(self, field: GameField, w: State) -> tuple[State, Evaluation]:
        here, j = field.at(w), field.differentiate(w)
        return field.move(w, plus(here.v, j.interaction(field.rates(here.v)), -self.share / 2)), here


UPDATE_RULES.add(LookAhead, rank=30)
UPDATE_RULES.add(Lola, rank=31)
UPDATE_RULES.add(StableOpponentShaping, rank=32)
UPDATE_RULES.add(Lead, rank=33)
UPDATE_RULES.add(DriftCorrection, rank=34)
