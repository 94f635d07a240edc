"""What an update rule is: how both players move from one point of the game to the next."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

import torch
from torch import Tensor

from gandyn.core.parameters import Parametrised
from gandyn.core.trees import Empty

if TYPE_CHECKING:
    from gandyn.core.game_field import Evaluation, GameField
    from gandyn.core.types import State


def largest_root(*coefficients: complex) -> float:
    """The largest root in modulus of a polynomial, its highest coefficient, 1, first."""
    companion = torch.diag(torch.ones(len(coefficients) - 2, dtype=torch.complex128), -1)
    companion[0] = -torch.tensor(coefficients[1:], dtype=torch.complex128)
    return float(torch.linalg.eigvals(companion).abs().max())


PRODUCT = 2.0  # what a product with the Jacobian, or with its transpose, costs in evaluations of the field, about


@dataclass(frozen=True)
class UpdateRule(Parametrised):
    """Base of all update rules, frozen dataclasses whose fields are their live parameters `update_rule.NAME`.

    Notation: w = (theta_G, theta_D), v(w) = (dL_G/dtheta_G, dL_D/dtheta_D), J = dv/dw, h the learning rates. A rule
    evaluates the field where it wants and moves each player by its optimiser along what it makes of that: with SGD
    w <- w - h v, and with Adam the corrected v enters the moments. All rules but `gradient` move both players at once,
    on the one minibatch of a step.
    """

    kind: ClassVar[str] = "update_rule"
    summary: ClassVar[str]
    formula: ClassVar[str]
    cite: ClassVar[str]
    remembers: ClassVar[Any] = Empty  # the named tuple of its memory, whose names no other rule uses

    @property
    def gradients(self) -> float:
        """Its cost a step, in evaluations of the field: both players' gradients on one minibatch."""
        return 1.0

    @property
    def period(self) -> int:
        """After how many steps it does the same again: 1 but for rules that go back now and then."""
        return 1

    def contraction(self, h: float) -> float | None:
        """How the distance to the middle of the bilinear game xy changes a step, with SGD at rates h: the closed form.

        The spectral radius of the rule's matrix, v = (y, -x) having the eigenvalues i and -i; None where the rule is
        not linear there, or has none.
        """
        return None

    def settles(self, step: Tensor) -> UpdateRule:
        """What it comes to be on a linear game under SGD without momentum: itself, but for rules that adapt.

        step: the matrix [n, n] of a step of gradient descent there, 1 - HJ.
        """
        return self

    def memory(self, w: State) -> Any:
        """What it remembers before its first step, at w: tensors in a `remembers`.

        A tensor with axes belongs to one GAN each and has w's leading axis; a 0-d tensor is common to all lanes.
        """
        return Empty()

    def step(self, field: GameField, w: State) -> tuple[State, Evaluation]:
        """The point after a step from w, with its memory in `rule`, and the evaluation whose losses are reported."""
        raise NotImplementedError


def remembering(rule: UpdateRule, w: State) -> State:
    """w with the memory of this rule: its own, or a new one where another rule has been at work."""
    return w if w.rule._fields == rule.remembers._fields else w._replace(rule=rule.memory(w))
