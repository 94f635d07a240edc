"""Lanes: N GANs under one rule as one state with a leading axis, g [N, P] and so on; the step's number is common."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor

from gandyn.core import checks
from gandyn.core.types import MAX_LANES, Batch, Game, Knobs, Metrics, OptState, Rule, State

if TYPE_CHECKING:
    from gandyn.core.experiment import Experiment

Step = Callable[[Game, Rule, State, Sequence[Batch], Knobs], tuple[State, Metrics]]


def lane(state: State, i: int) -> State:
    """Lane number i as a state of its own."""
    (g, d, opt_g, opt_d, ema_g, step) = state
    own_g, own_d = (OptState(opt.m[i], opt.v[i], opt.t) for opt in (opt_g, opt_d))
    return State(g[i], d[i], own_g, own_d, ema_g[i], step)


def stack(states: Sequence[State]) -> State:
    """States of one step and one game as the lanes of one."""
    first = states[0]
    opt_g, opt_d = (
        OptState(torch.stack([o.m for o in of]), torch.stack([o.v for o in of]), of[0].t)
        for of in ([s.opt_g for s in states], [s.opt_d for s in states])
    )
    g, d, ema = (torch.stack([getattr(s, name) for s in states]) for name in ("g", "d", "ema_g"))
    return State(g, d, opt_g, opt_d, ema, first.step)


def knobs_of(knobs: Knobs, i: int) -> Knobs:
    """The knobs of lane number i."""
    own = (float(value[i]) if isinstance(value, Tensor) and value.ndim else value for value in knobs)
    return tuple.__new__(Knobs, own)  # checked before


def batch_at(batch: Batch, which: int | Tensor) -> Batch:
    """The batch of one lane, or of the lanes `which` [M]."""
    real, z, mix, noise = batch
    return Batch(real[which], z[which], mix[which], None if noise is None else noise[which])


def alive(state: State) -> Tensor:
    """Whether it is finite: a bool, [N] of them with lanes."""
    return torch.isfinite(state.g.sum(-1) + state.d.sum(-1))


def alone(experiment: Experiment, state: State, i: int) -> tuple[Experiment, State]:
    """Lane number i as the run of its own seed: what a probe of one GAN takes."""
    own = replace(experiment, seed=experiment.seed + i, knobs=knobs_of(experiment.knobs, i))
    return own, lane(state, i)


def first_lane(experiment: Experiment, state: State) -> tuple[Experiment, State]:
    """The lane of the experiment's own seed; without lanes both as they are."""
    return (experiment, state) if state.g.ndim == 1 else alone(experiment, state, 0)


def by_lane(controls: Mapping[str, Any]) -> dict[str, Any]:
    """The same controls, a list of numbers for a knob as a tensor [N]: one for every lane."""
    knobs = Knobs._fields
    return {
        name: torch.tensor(value, dtype=torch.float64) if name in knobs and _is_numbers(value) else value
        for name, value in controls.items()
    }


def _is_numbers(value: object) -> bool:
    return isinstance(value, (list, tuple)) and all(type(one) in (int, float) for one in value)


def check_lanes(knobs: Knobs, lanes: int | None) -> int | None:
    """The number of lanes; ValueError where it is none, or a number that differs by lane has not one value for each."""
    lanes = None if lanes is None else checks.integer("lanes", lanes, 1, MAX_LANES)
    for name, value in knobs._asdict().items():
        count = len(value) if isinstance(value, Tensor) and value.ndim else None
        if count is not None and count != lanes:
            there = "has no lanes" if lanes is None else f"has {lanes} lanes"
            raise ValueError(f"{name} has {count} values, one for each of as many lanes, but the run {there}")
    return lanes


def averaged(state: State, knobs: Knobs) -> Tensor:
    """The generator that is sampled: its average where that is on, else itself."""
    on = bool((knobs.ema > 0).any()) if isinstance(knobs.ema, Tensor) else knobs.ema > 0
    return state.ema_g if on else state.g


def generate(game: Game, theta: Tensor, z: Tensor) -> Tensor:
    """The generator at z [n, nz]: [n, *x], or [N, n, *x] for the theta [N, P] of N lanes."""
    with torch.no_grad():
        if theta.ndim == 1:
            return game.generator.apply(theta, z)
        return torch.stack([game.generator.apply(own, z) for own in theta])


def lane_by_lane(
    step: Step, game: Game, rule: Rule, state: State, batches: Sequence[Batch], knobs: Knobs
) -> tuple[State, Metrics]:
    """The step of every lane on its own, for an engine that knows no lanes."""
    made = [
        step(game, rule, lane(state, i), [batch_at(batch, i) for batch in batches], knobs_of(knobs, i))
        for i in range(len(state.g))
    ]
    metrics = Metrics(*(torch.stack([getattr(m, name) for _, m in made]) for name in Metrics._fields))
    return stack([s for s, _ in made]), metrics
