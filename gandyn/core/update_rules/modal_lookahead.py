"""Lookahead for games with the number of inner steps, and the way back, from the frequency that the game turns with."""

from dataclasses import dataclass
from typing import Any, NamedTuple

import torch
from torch import Tensor

from gandyn.core.field import Field
from gandyn.core.game_field import Evaluation, GameField, dot, place, plus
from gandyn.core.parameters import parameter
from gandyn.core.types import State
from gandyn.core.update_rule import PRODUCT, UpdateRule
from gandyn.core.update_rules import UPDATE_RULES
from gandyn.core.update_rules.lookahead_minimax import LookaheadMinimax, go_back

LEAST = 0.05  # alpha, at least: a mode that only grows has none that makes it shrink


class LeadingPlane(NamedTuple):
    """The slow copy and the steps since it was moved [..., 1]; an orthonormal basis of the plane of leading modes."""

    modal_g: Tensor
    modal_d: Tensor
    modal_since: Tensor
    first_g: Tensor
    first_d: Tensor
    second_g: Tensor
    second_d: Tensor


Plane = tuple[Field, Field]


def _orthonormal(first: Field, second: Field, instead: Plane) -> Plane:
    """Gram-Schmidt; for a vector that is 0 or not finite that of `instead`."""

    def unit(x: Field, other: Field) -> Field:
        length = dot(x, x).sqrt()[..., None]
        usable = (length > 0) & length.isfinite()
        return Field(*(torch.where(usable, a / length, b) for a, b in zip(x, other, strict=True)))

    first = unit(first, instead[0])
    return first, unit(plus(second, first, -dot(first, second)[..., None]), instead[1])


def _rate(step: Tensor, v: Tensor) -> Tensor:
    """How far a player's optimiser moved along v, by the length of v: [..., 1]. The learning rate, under SGD."""
    length = v.norm(dim=-1, keepdim=True)
    return torch.where(length > 0, step.norm(dim=-1, keepdim=True) / length, 0.0)


def _leading(products: Plane, plane: Plane) -> Tensor:
    """Of the map 1 - HJ the eigenvalue in the plane that is largest in modulus, of a pair the one above: [...].

    products: HJ times the basis. The eigenvalues of HJ there are those of its projection, a matrix of 2 x 2.
    """
    (a, b), (c, d) = [[dot(x, y).double() for y in products] for x in plane]
    middle, discriminant = (a + d) / 2, ((a - d) / 2) ** 2 + b * c
    apart = discriminant.abs().sqrt()
    turns = discriminant < 0
    off = torch.where(turns, 0.0, torch.where(middle > 1, apart, -apart))  # from the middle, the farther one from 1
    return torch.complex(1 - middle - off, torch.where(turns, apart, 0.0))


def half_turn(z: Tensor, most: int) -> tuple[Tensor, Tensor]:
    """(k, alpha) at which |1 - alpha + alpha z^k| is least, k one of the whole numbers beside half a turn of z.

    k lies in [1, most], and is `most` where z does not turn; alpha, the minimiser Re(1 - z^k) / |1 - z^k|^2, in
    [LEAST, 1].
    """
    half = torch.pi / z.angle().abs()
    (k, alpha, left), (next_k, next_alpha, next_left) = (
        _way_back(z, k.clamp(1, most)) for k in (half.floor(), half.ceil())
    )
    better = next_left < left
    return torch.where(better, next_k, k), torch.where(better, next_alpha, alpha)


def _way_back(z: Tensor, k: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """(k, the best alpha, |1 - alpha + alpha z^k|); alpha = 1 where z^k = 1 and none is better than another."""
    rest = 1 - z**k
    alpha = (rest.real / rest.abs().square()).nan_to_num(LEAST).clamp(LEAST, 1.0)
    alpha = torch.where(rest == 0, 1.0, alpha)
    return k, alpha, (1 - alpha * rest).abs()


@dataclass(frozen=True)
class ModalLookahead(UpdateRule):
    """Lookahead-minimax that goes back after half a turn of the leading mode, and as far as makes it shrink most.

    The leading mode is that of the step's own map, 1 - HJ: its eigenvalue z of largest modulus. It is followed by
    orthogonal iteration (Saad 2011, section 5.1) on two vectors, one product of J with each a step, along the run: what
    is known of it is of the last few hundred steps. H is how far each optimiser moved along its gradient, by the
    gradient's length. The paper's fixed alpha is here the minimiser at k, for which its algorithm searches a grid.
    """

    name = "modal-lookahead"
    summary = "lookahead-minimax whose k and alpha follow from how fast the game turns"
    formula = "after k steps  w <- w~ + alpha (w - w~),  w~ <- w;  k arg z = pi,  z the leading eigenvalue of 1 - hJ"
    cite = "Sanyal et al. 2026 (2601.18409): k by the phase of the dominant mode"
    remembers = LeadingPlane
    most: int = parameter(
        1000, 1, 100_000, log=True, suggest=(10, 10_000), meaning="k at most, where the game hardly turns"
    )

    @property
    def gradients(self) -> float:
        return 1.0 + 2 * PRODUCT

    def contraction(self, h: float) -> float | None:
        return self.settles(torch.tensor([[1, -h], [h, 1]], dtype=torch.float64)).contraction(h)

    def settles(self, step: Tensor) -> UpdateRule:
        modes = torch.linalg.eigvals(step)
        k, alpha = half_turn(modes[modes.abs().argmax()], self.most)
        return LookaheadMinimax(int(k), float(alpha))

    def memory(self, w: State) -> Any:
        n, m = w.g.shape[-1] + w.d.shape[-1], w.g.shape[-1]
        at = torch.arange(1, n + 1, dtype=w.g.dtype, device=w.g.device)
        waves = (torch.cat([torch.zeros_like(w.g), torch.zeros_like(w.d)], -1) + wave for wave in (at.sin(), at.cos()))
        first, second = (Field(wave[..., :m], wave[..., m:]) for wave in waves)
        first, second = _orthonormal(first, second, (first, second))
        return LeadingPlane(w.g, w.d, torch.zeros_like(w.g[..., :1]), *first, *second)

    def step(self, field: GameField, w: State) -> tuple[State, Evaluation]:
        here, j, was = field.at(w), field.differentiate(w), w.rule
        moved = field.move(w, here.v)
        went = plus(place(w), place(moved), -1.0)
        rates = [_rate(step, v) for step, v in zip(went, here.v, strict=True)]
        plane = Field(was.first_g, was.first_d), Field(was.second_g, was.second_d)
        products = [Field(*(h * part for h, part in zip(rates, j.times(x), strict=True))) for x in plane]
        k, alpha = (
            one[..., None].to(w.g.dtype) for one in half_turn(_leading((products[0], products[1]), plane), self.most)
        )
        slow = Field(was.modal_g, was.modal_d)
        moved, slow, since = go_back(field, moved, slow, was.modal_since, k, alpha)
        ahead = [plus(x, product, -1.0) for x, product in zip(plane, products, strict=True)]
        first, second = _orthonormal(ahead[0], ahead[1], plane)
        return moved._replace(rule=LeadingPlane(*slow, since, *first, *second)), here


UPDATE_RULES.add(ModalLookahead, rank=12)
