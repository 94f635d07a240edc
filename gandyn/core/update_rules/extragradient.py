"""Extragradient and its relatives: the field is evaluated where a first step would lead."""

from dataclasses import dataclass
from typing import Any, NamedTuple

import torch
from torch import Tensor

from gandyn.core.field import Field
from gandyn.core.game_field import Evaluation, GameField, place, plus, put
from gandyn.core.optimizers.arithmetic import start_count
from gandyn.core.parameters import parameter
from gandyn.core.types import State
from gandyn.core.update_rule import UpdateRule, largest_root
from gandyn.core.update_rules import UPDATE_RULES


@dataclass(frozen=True)
class Extragradient(UpdateRule):
    """u = w - h v(w), w <- w - h v(u). With Adam both updates enter the moments (1802.10551, algorithm 4)."""

    name = "extragradient"
    summary = "looks one step ahead, and moves from here with the gradients found there"
    formula = "u = w - h v(w),  w <- w - h v(u)"
    cite = "Korpelevich 1976; Gidel et al. 2019 (1802.10551), algorithm 4"

    @property
    def gradients(self) -> float:
        return 2.0

    def contraction(self, h: float) -> float | None:
        return abs(1 - 1j * h * (1 - 1j * h))

    def step(self, field: GameField, w: State) -> tuple[State, Evaluation]:
        here = field.at(w)
        ahead = field.move(w, here.v)
        return field.move(put(ahead, place(w)), field.at(ahead).v), here


class PastGradient(NamedTuple):
    """The field at the last point that was looked at."""

    past_g: Tensor
    past_d: Tensor


@dataclass(frozen=True)
class ExtrapolationFromThePast(UpdateRule):
    """Popov's method: extragradient whose first step takes the last gradient that is known.

    What is reported is of the point that is looked at; the first step of all is looked at from where it begins.
    """

    name = "extrapolation-from-the-past"
    summary = "extragradient at the price of one gradient: the look ahead goes along the last one that is known"
    formula = "u = w - h g,  g <- v(u),  w <- w - h g"
    cite = "Popov 1980; Gidel et al. 2019 (1802.10551), section 3.2"
    remembers = PastGradient

    def contraction(self, h: float) -> float | None:
        return largest_root(1, -(1 - 2j * h), -1j * h)

    def memory(self, w: State) -> Any:
        return PastGradient(torch.zeros_like(w.g), torch.zeros_like(w.d))

    def step(self, field: GameField, w: State) -> tuple[State, Evaluation]:
        ahead = field.trial(w, Field(w.rule.past_g, w.rule.past_d))
        there = field.at(ahead)
        return field.move(w, there.v)._replace(rule=PastGradient(*there.v)), there


class LastGradient(NamedTuple):
    """The field at the last point, and how many steps it is old: 0 where there is none."""

    last_g: Tensor
    last_d: Tensor
    last_known: Tensor


@dataclass(frozen=True)
class Optimistic(UpdateRule):
    """w <- w - 2 h v_t + h v_(t-1); the first step is one of gradient descent."""

    name = "optimistic"
    summary = "adds the last change of the gradient, as if it went on"
    formula = "w <- w - h (2 v_t - v_(t-1))"
    cite = "Daskalakis et al. 2018 (1711.00141), eq. 3"
    remembers = LastGradient

    def contraction(self, h: float) -> float | None:
        return largest_root(1, -(1 - 2j * h), -1j * h)

    def memory(self, w: State) -> Any:
        return LastGradient(torch.zeros_like(w.g), torch.zeros_like(w.d), start_count(w.g))

    def step(self, field: GameField, w: State) -> tuple[State, Evaluation]:
        here = field.at(w)
        memory = LastGradient(*here.v, torch.ones_like(w.rule.last_known))
        known = w.rule.last_known.to(w.g.dtype)
        last = plus(here.v, plus(Field(w.rule.last_g, w.rule.last_d), here.v, -1.0), known)
        return field.move(w, plus(here.v, plus(here.v, last, -1.0)))._replace(rule=memory), here


@dataclass(frozen=True)
class PredictiveCentripetal(UpdateRule):
    """w <- w - a v(u) - b (v(u) - v(w)), u = w - h v(w), with a = h and b = h `centripetal`."""

    name = "predictive-centripetal"
    summary = "extragradient, and a pull along the change of the gradient, which points to the centre of a rotation"
    formula = "u = w - h v(w),  w <- w - h (v(u) + c (v(u) - v(w)))"
    cite = "Peng et al. 2020 (2010.03322), eq. 10, in the form with a = h, b = c h"
    centripetal: float = parameter(0.5, -1, 100, suggest=(0, 2), meaning="c, the weight of the change of the gradient")

    @property
    def gradients(self) -> float:
        return 2.0

    def contraction(self, h: float) -> float | None:
        return abs(1 - 1j * h - h**2 * (1 + self.centripetal))

    def step(self, field: GameField, w: State) -> tuple[State, Evaluation]:
        here = field.at(w)
        there = field.at(field.trial(w, here.v))
        change = plus(there.v, here.v, -1.0)
        return field.move(w, plus(there.v, change, self.centripetal)), here


class Anchor(NamedTuple):
    """Where the rule began, and how many steps it has made since."""

    anchor_g: Tensor
    anchor_d: Tensor
    anchored: Tensor


@dataclass(frozen=True)
class AnchoredExtragradient(UpdateRule):
    """u = w + b (w0 - w) - h v(w), w <- w + b (w0 - w) - h v(u), b = 1 / (t + 2): the norm of v falls as 1 / t."""

    name = "anchored-extragradient"
    summary = "extragradient that is drawn back to where it began, less and less"
    formula = "u = w + b (w0 - w) - h v(w),  w <- w + b (w0 - w) - h v(u),  b = 1 / (t + 2)"
    cite = "Yoon & Ryu 2021 (2102.07922), EAG-C"
    remembers = Anchor

    @property
    def gradients(self) -> float:
        return 2.0

    def memory(self, w: State) -> Any:
        return Anchor(w.g, w.d, start_count(w.g))

    def step(self, field: GameField, w: State) -> tuple[State, Evaluation]:
        here = field.at(w)
        pull = 1 / (w.rule.anchored.to(w.g.dtype) + 2)
        home = plus(Field(w.rule.anchor_g, w.rule.anchor_d), place(w), -1.0)
        start = field.shift(w, home, pull)
        there = field.at(field.trial(start, here.v))
        memory = w.rule._replace(anchored=w.rule.anchored + 1)
        return field.move(start, there.v)._replace(rule=memory), here


UPDATE_RULES.add(Extragradient, rank=1)
UPDATE_RULES.add(ExtrapolationFromThePast, rank=2)
UPDATE_RULES.add(Optimistic, rank=3)
UPDATE_RULES.add(PredictiveCentripetal, rank=4)
UPDATE_RULES.add(AnchoredExtragradient, rank=5)
