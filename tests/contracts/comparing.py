"""Steps of both engines side by side: what differs, and how far rounding alone moves autograd."""

from __future__ import annotations

import random
from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor

import gandyn
from gandyn.core import dynamics, native
from tests.contracts.settings import F64, Row, batches_of, game_of, knobs_of, rule_of, start_of

Trajectory = list[dict[str, Tensor]]


def values(state: gandyn.State, metrics: gandyn.Metrics) -> dict[str, Tensor]:
    """Every number of a step's result by name."""
    counts = torch.tensor([state.step, int(state.opt_g.t), int(state.opt_d.t), int(state.averaged)], dtype=F64)
    every: dict[str, Tensor] = {"counts": counts, "g": state.g, "d": state.d, "ema": state.ema_g}
    for player, opt in (("g", state.opt_g), ("d", state.opt_d)):
        every |= {f"{player}.{name}": getattr(opt, name) for name in ("m", "v") if hasattr(opt, name)}
    return every | metrics._asdict()


def trajectory(step: Any, game: gandyn.Game, row: Row, seed: int, steps: int = 3) -> Trajectory:
    """`values` after each of some steps of `step`, by the game whose start is the row's."""
    rule, knobs = rule_of(row), knobs_of(row, random.Random(seed))
    state, each = start_of(row, game_of(row), seed), []
    for i in range(steps):
        state, metrics = step(game, rule, state, batches_of(row, 1000 * seed + i), knobs)
        each.append(values(state, metrics))
    return each


def is_finite(results: Mapping[str, Tensor]) -> bool:
    return all(bool(value.isfinite().all()) for value in results.values())


def differences(one: Trajectory, exact: Trajectory) -> dict[tuple[int, str], float]:
    """By step and name the largest difference, relative to 1e-3 + the largest entry in the same lane of `exact`.

    Ends at a step that overflows in `exact`: what is left finite there depends on the order in which infinities meet.
    """
    every: dict[tuple[int, str], float] = {}
    for i, (mine, theirs) in enumerate(zip(one, exact, strict=True)):
        if not is_finite(theirs):
            break
        for name, value in theirs.items():
            scale = 1e-3 + (value.abs() if name in gandyn.Metrics._fields else value.abs().amax(-1, keepdim=True))
            if name == "gap":  # a difference: to the digits of its terms
                scale = scale + theirs["f"].abs()
            every[i, name] = float(((mine[name] - value).abs() / scale).nan_to_num(torch.inf).max())
    return every


def rounded(net: gandyn.Net, draw: torch.Generator) -> gandyn.Net:
    """The network with every parameter off by at most 2^-52 of the larger of itself and 1, always in the same way.

    That is what the rounding of a sum of products amounts to: the exact sum of slightly other factors.
    """
    off = (2 * torch.rand(net.size, generator=draw, dtype=F64) - 1) * 2.0**-52

    def bind(theta: Tensor) -> Any:
        return net.at(theta + off * theta.detach().abs().clamp(min=1))

    return net._replace(bind=bind, apply=lambda theta, x: bind(theta)(x), layout=None)


def effect_of_rounding(row: Row, seed: int, tries: int = 16) -> dict[tuple[int, str], float]:
    """How far the results of autograd itself move as its networks are `rounded`; the largest of some tries."""
    game, draw = game_of(row), torch.Generator().manual_seed(seed)
    exact = trajectory(dynamics.step, game, row, seed)
    largest: dict[tuple[int, str], float] = {}
    for _ in range(tries):
        own = game._replace(generator=rounded(game.generator, draw), critic=rounded(game.critic, draw))
        for at, moved in differences(trajectory(dynamics.step, own, row, seed), exact).items():
            largest[at] = max(moved, largest.get(at, 0.0))
    return largest


def first(errors: dict[tuple[int, str], float]) -> dict[tuple[int, str], float]:
    """Those of the first step that has any: afterwards two runs that have left each other go their own ways."""
    return {at: error for at, error in errors.items() if at[0] == min(errors)[0]}


def compare(row: Row, seed: int, most: float) -> dict[tuple[int, str], float]:
    """What differs by more than `most` between three steps of the two engines."""
    game = game_of(row)
    assert native.unsupported_reason(game, rule_of(row)) is None
    mine, theirs = (trajectory(step, game, row, seed) for step in (native.step, dynamics.step))
    assert [*map(is_finite, mine)] == [*map(is_finite, theirs)], (seed, row)  # they overflow at the same step
    return {at: error for at, error in differences(mine, theirs).items() if error > most}
