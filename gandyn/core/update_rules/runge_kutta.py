"""Runge-Kutta methods: the field averaged over points along the way, as an integrator of dw/dt = -v does.

With SGD one step is one of the integrator, of step size h; other optimisers move along the averaged field.
"""

import math
from dataclasses import dataclass

from gandyn.core.field import Field
from gandyn.core.game_field import Evaluation, GameField, plus
from gandyn.core.types import State
from gandyn.core.update_rule import UpdateRule
from gandyn.core.update_rules import UPDATE_RULES


@dataclass(frozen=True)
class Heun(UpdateRule):
    """w <- w - h (v(w) + v(w - h v(w))) / 2."""

    name = "heun"
    summary = "the average of the gradients here and one step ahead: the flow to second order in h"
    formula = "w <- w - h (v(w) + v(w - h v(w))) / 2"
    cite = "Qin et al. 2020 (2010.15040), section 3.2: RK2"

    @property
    def gradients(self) -> float:
        return 2.0

    def contraction(self, h: float) -> float | None:
        return abs(1 - 1j * h - h**2 / 2)

    def step(self, field: GameField, w: State) -> tuple[State, Evaluation]:
        here = field.at(w)
        there = field.at(field.trial(w, here.v))
        return field.move(w, plus(here.v, plus(there.v, here.v, -1.0), 0.5)), here


@dataclass(frozen=True)
class RungeKutta4(UpdateRule):
    """The classical method of fourth order."""

    name = "rk4"
    summary = "four gradients along the way: the flow to fourth order in h"
    formula = "w <- w - h (k1 + 2 k2 + 2 k3 + k4) / 6,  k1 = v(w), k2 = v(w - h k1 / 2), ..."
    cite = "Kutta 1901; Qin et al. 2020 (2010.15040), section 3.2: RK4"

    @property
    def gradients(self) -> float:
        return 4.0

    def contraction(self, h: float) -> float | None:
        return abs(sum((-1j * h) ** n / math.factorial(n) for n in range(5)))

    def step(self, field: GameField, w: State) -> tuple[State, Evaluation]:
        here = field.at(w)
        k = [here.v]
        for part in (0.5, 0.5, 1.0):
            k.append(field.at(field.trial(w, k[-1], part)).v)
        mean = Field(*((k1 + 2 * k2 + 2 * k3 + k4) / 6 for k1, k2, k3, k4 in zip(*k, strict=True)))
        return field.move(w, mean), here


UPDATE_RULES.add(Heun, rank=50)
UPDATE_RULES.add(RungeKutta4, rank=51)
