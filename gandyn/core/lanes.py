"""Lanes: N GANs under one rule as one state with a leading axis, g [N, P] and so on; the step's number is common."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor

from gandyn.core import checks
from gandyn.core.minibatch import DIMENSIONS, KERNELS
from gandyn.core.trees import tree_map
from gandyn.core.types import MAX_LANES, Batch, Game, Knobs, Metrics, Net, Rule, State, is_knob

if TYPE_CHECKING:
    from gandyn.core.experiment import Experiment

CHUNK_BYTES = {"cpu": 2**22, "cuda": 2**30}  # on a CPU about what its cache holds
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

    def of_lane(value: float | Tensor) -> float | Tensor:
        own = value[i] if isinstance(value, Tensor) and value.ndim else value
        return float(own) if isinstance(i, int) else own

    return Knobs.of({name: of_lane(value) for name, value in knobs.numbers().items()}, checked=False)


def batch_at(batch: Batch, which: int | slice | Tensor) -> Batch:
    """The batch of one lane, or of the lanes `which`."""
    return tree_map(lambda part: part[which], batch)


def is_finite(state: State) -> Tensor:
    """Whether both players' parameters are finite: a bool, [N] of them with lanes."""
    return torch.isfinite(state.g.sum(-1) + state.d.sum(-1))


def select_lane(experiment: Experiment, state: State, i: int) -> tuple[Experiment, State]:
    """Lane number i as the run of its own seed: what a probe of one GAN takes."""
    return replace(experiment, seed=experiment.seed + i, knobs=knobs_of(experiment.knobs, i)), lane(state, i)


def first_lane(experiment: Experiment, state: State) -> tuple[Experiment, State]:
    """The lane of the experiment's own seed; without lanes both as they are."""
    return (experiment, state) if state.g.ndim == 1 else select_lane(experiment, state, 0)


def by_lane(controls: Mapping[str, Any]) -> dict[str, Any]:
    """The same controls, a list of numbers for a knob as a tensor [N]: one for every lane."""
    return {
        name: torch.tensor(value, dtype=torch.float64) if is_knob(name) and _is_numbers(value) else value
        for name, value in controls.items()
    }


def _is_numbers(value: object) -> bool:
    """Whether it is a list of numbers, none of them an int with hundreds of digits."""
    return isinstance(value, (list, tuple)) and all(
        type(one) is float or (type(one) is int and abs(one) < 2**1000) for one in value
    )


def check_lanes(knobs: Knobs, lanes: int | None) -> int | None:
    """The number of lanes; ValueError where it is none, or a number that differs by lane has not one value for each."""
    lanes = None if lanes is None else checks.integer("lanes", lanes, 1, MAX_LANES)
    for name, value in knobs.numbers().items():
        count = len(value) if isinstance(value, Tensor) and value.ndim else None
        if count is not None and count != lanes:
            there = "has no lanes" if lanes is None else f"has {lanes} lanes"
            raise ValueError(f"{name} has {count} values, one for each of as many lanes, but the run {there}")
    return lanes


def sampling_params(state: State, knobs: Knobs) -> Tensor:
    """The parameters of the generator that is sampled: its average where that is on, else its own."""
    if state.averaged > 0:
        return state.ema_g
    on = bool((knobs.ema > 0).any()) if isinstance(knobs.ema, Tensor) else knobs.ema > 0
    return state.ema_g if on else state.g


def chunk_size(game: Game, state: State, batches: Sequence[Batch], in_pairs: bool = False) -> int:
    """How many lanes are computed together: as many as keep what a pass leaves behind near CHUNK_BYTES.

    in_pairs: every two samples are compared, too. A function of shapes and of the kind of device alone, so the same run
    has the same bits again.
    """
    rows = max(batch.z.shape[-2] for batch in batches)
    numbers = rows * (_units(game.generator) + 2 * _units(game.critic))
    numbers += in_pairs * 3 * rows * rows * max(1, math.prod(batches[0].real.shape[state.g.ndim :]))
    if game.critic.layout is not None and game.critic.layout.minibatch == "discrimination":
        numbers += 2 * (rows // game.critic.pack) ** 2 * KERNELS * DIMENSIONS
    return max(1, CHUNK_BYTES[state.g.device.type] // max(1, numbers * state.g.element_size()))


def _units(net: Net) -> int:
    """How many numbers a sample becomes on its way through the layers, as far as the network says."""
    shapes = net.spec.get("shapes") or [(width,) for width in net.spec.get("widths", ())]
    return sum(math.prod(shape) for shape in shapes)


def in_chunks(
    step: Step, game: Game, rule: Rule, state: State, batches: Sequence[Batch], knobs: Knobs
) -> tuple[State, Metrics]:
    """The step of all lanes, `chunk_size` of them at a time, so that memory stays near that of two States."""
    lanes = len(state.g) if state.g.ndim == 2 else 1
    size = chunk_size(game, state, batches, rule.losses.of_samples is not None) if lanes > 1 else 1
    if lanes <= size:
        return step(game, rule, state, batches, knobs)
    whole: Any = None
    for at in range(0, lanes, size):
        part = slice(at, at + size)
        part_batches = [batch_at(batch, part) for batch in batches]
        stepped = step(game, rule, lane(state, part), part_batches, knobs_of(knobs, part))
        if whole is None:
            whole = [tree_map(partial(_room_for, lanes), tree) for tree in stepped]
        for all_lanes, these in zip(whole, stepped, strict=True):
            tree_map(partial(_write, part), all_lanes, these)
    return whole[0], whole[1]


def _room_for(lanes: int, part: Tensor) -> Tensor:
    return part.new_empty(lanes, *part.shape[1:]) if part.ndim else part


def _write(place: slice, whole: Tensor, part: Tensor) -> Tensor:
    if whole.ndim:
        whole[place] = part
    return whole
