"""Lanes: N GANs under one rule as one state with a leading axis, g [N, P] and so on; the step's number is common."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor

from gandyn.core import checks
from gandyn.core.trees import tree_map
from gandyn.core.types import MAX_LANES, Batch, Game, Knobs, Metrics, Rule, State

if TYPE_CHECKING:
    from gandyn.core.experiment import Experiment

CHUNK = 64  # lanes computed together on a CPU
Step = Callable[[Game, Rule, State, Sequence[Batch], Knobs], tuple[State, Metrics]]


def lane(state: State, i: int | slice) -> State:
    """Lane number i as a state of its own, or some lanes; what has no axis is common to all."""
    return tree_map(lambda tensor: tensor[i] if tensor.ndim else tensor, state)


def stack(states: Sequence[State]) -> State:
    """States of one step and one game as the lanes of one; ValueError where what lanes have in common differs."""
    return tree_map(_stacked, *states)


def _stacked(first: Tensor, *others: Tensor) -> Tensor:
    if first.ndim:
        return torch.stack([first, *others])
    if any(bool(other != first) for other in others):
        raise ValueError("lanes have their optimisers' number of updates in common, but these states differ in it")
    return first


def knobs_of(knobs: Knobs, i: int | slice) -> Knobs:
    """The knobs of lane number i, or of some lanes."""
    own = [value[i] if isinstance(value, Tensor) and value.ndim else value for value in knobs]
    numbers = (float(value) if isinstance(i, int) and isinstance(value, Tensor) else value for value in own)
    return tuple.__new__(Knobs, numbers)  # checked before


def batch_at(batch: Batch, which: int | slice | Tensor) -> Batch:
    """The batch of one lane, or of the lanes `which`."""
    return tree_map(lambda part: part[which], batch)


def is_finite(state: State) -> Tensor:
    """Whether both players' parameters are finite: a bool, [N] of them with lanes."""
    return torch.isfinite(state.g.sum(-1) + state.d.sum(-1))


def select_lane(experiment: Experiment, state: State, i: int) -> tuple[Experiment, State]:
    """Lane number i as the run of its own seed: what a probe of one GAN takes."""
    own = replace(experiment, seed=experiment.seed + i, knobs=knobs_of(experiment.knobs, i))
    return own, lane(state, i)


def first_lane(experiment: Experiment, state: State) -> tuple[Experiment, State]:
    """The lane of the experiment's own seed; without lanes both as they are."""
    return (experiment, state) if state.g.ndim == 1 else select_lane(experiment, state, 0)


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


def sampling_params(state: State, knobs: Knobs) -> Tensor:
    """The parameters of the generator that is sampled: its average where that is on, else its own."""
    on = bool((knobs.ema > 0).any()) if isinstance(knobs.ema, Tensor) else knobs.ema > 0
    return state.ema_g if on else state.g


def generate(game: Game, theta: Tensor, z: Tensor) -> Tensor:
    """The generator at z [n, nz]: [n, *x], or [N, n, *x] for the theta [N, P] of N lanes."""
    with torch.no_grad():
        if theta.ndim == 1:
            return game.generator.apply(theta, z)
        return torch.stack([game.generator.apply(own, z) for own in theta])


def in_chunks(
    step: Step, game: Game, rule: Rule, state: State, batches: Sequence[Batch], knobs: Knobs
) -> tuple[State, Metrics]:
    """The step of all lanes together, CHUNK of them at a time where the device is a CPU, so that memory stays bounded.

    The chunks are a function of the number of lanes alone, so the same run has the same bits again.
    """
    lanes = len(state.g) if state.g.ndim == 2 else 1
    if lanes <= CHUNK or state.g.is_cuda:
        return step(game, rule, state, batches, knobs)
    parts = [slice(i, i + CHUNK) for i in range(0, lanes, CHUNK)]
    stepped = [
        step(game, rule, lane(state, part), [batch_at(batch, part) for batch in batches], knobs_of(knobs, part))
        for part in parts
    ]
    states, metrics = zip(*stepped, strict=True)
    return tree_map(_joined, *states), tree_map(_joined, *metrics)


def _joined(first: Tensor, *others: Tensor) -> Tensor:
    return torch.cat([first, *others]) if first.ndim else first
