"""What the contracts share: a small experiment that learns something, and how two states compare."""

from pathlib import Path
from typing import Any

import torch
from torch import Tensor

import gandyn
from gandyn.core.penalty_set import members, weight_of
from gandyn.core.target import TARGETS
from gandyn.core.trees import leaves


def experiment(target: str = "ring", **controls: Any) -> gandyn.Experiment:
    """Two tiny networks on a 2-D target, both with adam; steep enough for every penalty to act."""
    generator = gandyn.mlp([3, 5, 2], "tanh", gain=1.2)
    critic = gandyn.mlp([2, 6, 1], "tanh", gain=2.0)
    game = gandyn.Game(generator, critic, gandyn.adam(), gandyn.adam(), gandyn.Latent(3))
    knobs = gandyn.Knobs(lr_g=0.01, lr_d=0.02, penalty_weight=0.5)
    return gandyn.Experiment(TARGETS[target](), game, gandyn.Rule(batch_size=8), knobs).replace(**controls)


def tensors(state: gandyn.State) -> dict[str, Tensor]:
    """Every tensor of a state by name, the optimisers' counts left out."""
    every = {name: leaf for name, leaf in leaves(state) if isinstance(leaf, Tensor)}
    return {name: tensor for name, tensor in every.items() if tensor.is_floating_point()}


def same(one: gandyn.State, other: gandyn.State) -> bool:
    """Whether two states are equal bit for bit."""
    mine, its = list(leaves(one)), list(leaves(other))
    return len(mine) == len(its) and all(
        name == its_name and (torch.equal(a, b) if isinstance(a, Tensor) else a == b)
        for (name, a), (its_name, b) in zip(mine, its, strict=True)
    )


def read(at: gandyn.Experiment, state: gandyn.State) -> gandyn.State:
    """Without what nobody reads: the critic where the objective has none and no penalty moves it, and what the
    optimiser of a player remembers that never moves.
    """
    rule = at.rule
    still = rule.losses.of_samples is not None and not any(one.loss or one.loss_of_parameters for one in _acting(at))
    if still:
        state = state._replace(d=torch.zeros(0), opt_d=None)
    if rule.freeze == "critic" and not rule.unroll_g:
        state = state._replace(opt_d=None)
    if rule.freeze == "generator" and not rule.unroll_d:
        state = state._replace(opt_g=None)
    return state


def _acting(at: gandyn.Experiment) -> list[gandyn.Penalty]:
    return [one for one in members(at.rule.penalty) if not one.numbered or weight_of(one, at.knobs) != 0]


def run(experiment: gandyn.Experiment, steps: int, state: gandyn.State | None = None) -> gandyn.State:
    """The state some steps later, from `state` or from the experiment's own start."""
    stepping = gandyn.play(experiment, state=state)
    for _ in range(steps):
        state, _ = next(stepping)
    assert state is not None
    return state


def check_bits_and_lanes(at: gandyn.Experiment) -> None:
    """Three steps at once and one by one have the same bits and are finite; each of three lanes is near its own run."""
    at_once, by_step = gandyn.Run(at), gandyn.Run(at)
    at_once.advance(3)
    for _ in range(3):
        by_step.advance(1)
    assert same(at_once.state, by_step.state)
    assert torch.isfinite(at_once.state.g).all() and torch.isfinite(at_once.state.d).all()
    lanes = gandyn.Run(at, lanes=3)
    lanes.advance(3)
    for i in range(3):
        alone = gandyn.Run(at.replace(seed=i))
        alone.advance(3)
        torch.testing.assert_close(lanes.state.d[i], alone.state.d, rtol=1e-3, atol=1e-4)
        torch.testing.assert_close(lanes.state.g[i], alone.state.g, rtol=1e-3, atol=1e-4)


def check_goes_through_a_file(at: gandyn.Experiment, path: Path) -> None:
    """A run that is saved and opened goes on to the same bits."""
    one = gandyn.Run(at)
    one.advance(3)
    one.save(path)
    other = gandyn.Run.load(path)
    one.advance(2)
    other.advance(2)
    assert same(one.state, other.state)
