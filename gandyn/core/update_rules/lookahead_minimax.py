"""Lookahead for games: after k inner steps both players go back part of the way together."""

from dataclasses import dataclass
from typing import Any, NamedTuple

import torch
from torch import Tensor

from gandyn.core.field import Field
from gandyn.core.game_field import Evaluation, GameField, place, plus
from gandyn.core.optimizers.arithmetic import start_count
from gandyn.core.parameters import parameter
from gandyn.core.types import State
from gandyn.core.update_rule import UpdateRule
from gandyn.core.update_rules import UPDATE_RULES
from gandyn.core.update_rules.extragradient import Extragradient


class SlowPoint(NamedTuple):
    """The slow copy, and the steps since it was moved."""

    slow_g: Tensor
    slow_d: Tensor
    since: Tensor


class SlowerPoint(NamedTuple):
    """Two slow copies, and the steps since each was moved."""

    nested_g: Tensor
    nested_d: Tensor
    nested_since: Tensor
    slower_g: Tensor
    slower_d: Tensor
    slower_since: Tensor


INNER = ("gradient", "extragradient")


def _inner(name: str, field: GameField, w: State) -> tuple[State, Evaluation]:
    if name == "extragradient":
        return Extragradient().step(field, w)
    here = field.at(w)
    return field.move(w, here.v), here


def _slow(inner: str, h: float, k: int, alpha: float) -> complex:
    """The factor of k inner steps and the way back on the bilinear game."""
    one = 1 - 1j * h * (1 - 1j * h) if inner == "extragradient" else 1 - 1j * h
    return 1 - alpha + alpha * one**k


def go_back(
    field: GameField, w: State, slow: Field, since: Tensor, k: int | Tensor, alpha: float | Tensor
) -> tuple[State, Field, Tensor]:
    """After k steps (w, the slow copy, 0), both at slow + alpha (w - slow); before as they are, one step later.

    k and alpha are numbers, or tensors [..., 1], as the steps since the slow copy was moved.
    """
    since = since + 1
    due = (since >= k).to(w.g.dtype)
    w = field.shift(w, plus(slow, place(w), -1.0), (1 - alpha) * due)
    kept = Field(torch.where(due > 0, w.g, slow.g), torch.where(due > 0, w.d, slow.d))
    return w, kept, torch.where(since >= k, torch.zeros_like(since), since)


@dataclass(frozen=True)
class LookaheadMinimax(UpdateRule):
    """After k inner steps w <- w~ + alpha (w - w~), and w~ <- w; both players together."""

    name = "lookahead-minimax"
    summary = "after k steps both players go back part of the way: what rotates is averaged out"
    formula = "every k steps  w <- w~ + alpha (w - w~),  w~ <- w"
    cite = "Chavdarova et al. 2021 (2006.14567), algorithm 1"
    remembers = SlowPoint
    k: int = parameter(
        6, 1, 100_000, log=True, suggest=(1, 1000), meaning="inner steps between two moves of the slow copy"
    )
    alpha: float = parameter(0.5, 0, 1, meaning="the share of the way that is kept")
    inner: str = parameter("gradient", choices=INNER, meaning="the rule of the inner steps")

    @property
    def gradients(self) -> float:
        return 2.0 if self.inner == "extragradient" else 1.0

    @property
    def period(self) -> int:
        return self.k

    def contraction(self, h: float) -> float | None:
        return abs(_slow(self.inner, h, self.k, self.alpha)) ** (1 / self.k)

    def memory(self, w: State) -> Any:
        return SlowPoint(w.g, w.d, start_count(w.g))

    def step(self, field: GameField, w: State) -> tuple[State, Evaluation]:
        moved, here = _inner(self.inner, field, w)
        slow = Field(w.rule.slow_g, w.rule.slow_d)
        moved, slow, since = go_back(field, moved, slow, w.rule.since, self.k, self.alpha)
        return moved._replace(rule=SlowPoint(*slow, since)), here


@dataclass(frozen=True)
class NestedLookahead(UpdateRule):
    """Lookahead-minimax whose own steps are inner steps of a second, slower copy."""

    name = "nested-lookahead"
    summary = "lookahead-minimax twice, one within the other"
    formula = "every k steps  w <- w~ + alpha (w - w~);  every k_2 k steps the same with a slower copy"
    cite = "Chavdarova et al. 2021 (2006.14567), section 5: nested LA-minmax"
    remembers = SlowerPoint
    k: int = parameter(
        6, 1, 100_000, log=True, suggest=(1, 1000), meaning="inner steps between two moves of the slow copy"
    )
    outer: int = parameter(
        10, 1, 100_000, log=True, suggest=(1, 1000), meaning="k_2, moves of the slow copy between two of the slower one"
    )
    alpha: float = parameter(0.5, 0, 1, meaning="the share of the way that is kept")
    inner: str = parameter("gradient", choices=INNER, meaning="the rule of the inner steps")

    @property
    def gradients(self) -> float:
        return 2.0 if self.inner == "extragradient" else 1.0

    @property
    def period(self) -> int:
        return self.k * self.outer

    def contraction(self, h: float) -> float | None:
        slow = _slow(self.inner, h, self.k, self.alpha)
        return abs(1 - self.alpha + self.alpha * slow**self.outer) ** (1 / (self.k * self.outer))

    def memory(self, w: State) -> Any:
        none = start_count(w.g)
        return SlowerPoint(w.g, w.d, none, w.g, w.d, none)

    def step(self, field: GameField, w: State) -> tuple[State, Evaluation]:
        moved, here = _inner(self.inner, field, w)
        was = w.rule
        slow = Field(was.nested_g, was.nested_d)
        moved, slow, since = go_back(field, moved, slow, was.nested_since, self.k, self.alpha)
        slower = Field(was.slower_g, was.slower_d)
        moved, slower, slower_since = go_back(field, moved, slower, was.slower_since, self.k * self.outer, self.alpha)
        arrived = slower_since == 0  # the slow copy goes on from there
        slow = Field(torch.where(arrived, moved.g, slow.g), torch.where(arrived, moved.d, slow.d))
        return moved._replace(rule=SlowerPoint(*slow, since, *slower, slower_since)), here


UPDATE_RULES.add(LookaheadMinimax, rank=10)
UPDATE_RULES.add(NestedLookahead, rank=11)
