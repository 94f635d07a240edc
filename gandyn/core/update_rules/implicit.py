"""Rules that solve a linear system in the game's Jacobian: implicit, competitive, follow the ridge."""

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor

from gandyn.core.field import Field
from gandyn.core.game_field import Evaluation, GameField, plus
from gandyn.core.krylov import gmres
from gandyn.core.parameters import parameter
from gandyn.core.types import State
from gandyn.core.update_rule import PRODUCT, UpdateRule
from gandyn.core.update_rules import UPDATE_RULES


def _products(products: int, player: str = "both") -> int:
    return parameter(
        products,
        1,
        64,
        suggest=(1, 16),
        meaning="products with the Jacobian that the solver (GMRES) takes at most",
        player=player,
    )


def _solve(apply: Callable[[Field], Field], b: Field, products: int) -> Field:
    """x with apply(x) = b."""
    sizes = (b.g.shape[-1], b.d.shape[-1])

    def flat(x: Tensor) -> Tensor:
        return torch.cat(apply(Field(*x.split(sizes, -1))), -1)

    return Field(*gmres(flat, torch.cat(b, -1), products).split(sizes, -1))


@dataclass(frozen=True)
class Implicit(UpdateRule):
    """w+ = w - h v(w+), by one step of Newton's method: (I + J h) x = v(w), w <- w - h x. Exact where v is linear."""

    name = "implicit"
    summary = "moves with the gradients of the point that it arrives at: the proximal point method"
    formula = "w+ = w - h v(w+),  by (I + J h) x = v(w),  w <- w - h x"
    cite = "Martinet 1970, Rockafellar 1976; Mokhtari et al. 2020 (1901.08511), section 3"
    products: int = _products(8, player="")

    @property
    def gradients(self) -> float:
        return 1.0 + PRODUCT * self.products

    def contraction(self, h: float) -> float | None:
        return 1 / abs(1 + 1j * h) if self.products > 1 else None

    def step(self, field: GameField, w: State) -> tuple[State, Evaluation]:
        here, j = field.at(w), field.differentiate(w)
        x = _solve(lambda x: plus(x, j.times(field.rates(x))), here.v, self.products)
        return field.move(w, x), here


@dataclass(frozen=True)
class Competitive(UpdateRule):
    """The Nash equilibrium of the bilinear game around w: (I + J_o h) x = v(w), w <- w - h x.

    In a zero-sum game the generator's part is (I + h^2 D_xy D_yx)^-1 (f_x + h D_xy f_y), as it stands in the paper.
    """

    name = "competitive"
    summary = "both players' best move against each other's best move, to second order"
    formula = "(I + J_o h) x = v(w),  w <- w - h x"
    cite = "Schaefer & Anandkumar 2019 (1905.12103), eq. 3 and 4"
    products: int = _products(8)

    @property
    def gradients(self) -> float:
        return 1.0 + 2 * PRODUCT * self.products

    def contraction(self, h: float) -> float | None:
        return 1 / abs(1 + 1j * h) if self.products > 1 else None

    def step(self, field: GameField, w: State) -> tuple[State, Evaluation]:
        here, j = field.at(w), field.differentiate(w)
        x = _solve(lambda x: plus(x, j.interaction(field.rates(x))), here.v, self.products)
        return field.move(w, x), here


@dataclass(frozen=True)
class FollowTheRidge(UpdateRule):
    """The critic also follows its best response as the generator moves: theta_D += h_G H_DD^-1 H_DG v_G.

    H are the blocks of the second derivatives of the critic's loss; `damping` is added to H_DD, which is seldom
    regular. Its fixed points that are stable are local minimax points, and no others.
    """

    name = "follow-the-ridge"
    summary = "the critic stays on the ridge of its best responses while the generator moves down it"
    formula = "theta_D <- theta_D - h_D v_D + h_G (H_DD + mu)^-1 H_DG v_G"
    cite = "Wang et al. 2020 (1910.07512), algorithm 1"
    damping: float = parameter(
        1e-3,
        0,
        1e3,
        log=True,
        suggest=(1e-6, 10),
        meaning="mu, added to the critic's second derivatives",
        player="both",
    )
    products: int = _products(8)

    @property
    def gradients(self) -> float:
        return 1.0 + PRODUCT * (1 + self.products)

    def step(self, field: GameField, w: State) -> tuple[State, Evaluation]:
        here, j = field.at(w), field.differentiate(w)
        nothing = torch.zeros_like(here.v.g)
        along = Field(nothing, j.times(here.v._replace(d=torch.zeros_like(here.v.d))).d)  # H_DG v_G

        def of_critic(x: Field) -> Field:
            return Field(nothing, plus(j.times(Field(nothing, x.d)), x, self.damping).d)

        return field.move(w, plus(here.v, _solve(of_critic, along, self.products), -field.ratio)), here


UPDATE_RULES.add(Implicit, rank=40)
UPDATE_RULES.add(Competitive, rank=41)
UPDATE_RULES.add(FollowTheRidge, rank=42)
