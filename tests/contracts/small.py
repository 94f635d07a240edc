"""What the contracts share: a small experiment that learns something, and how two states compare."""

from typing import Any

import torch
from torch import Tensor

import gandyn
from gandyn.core.target import TARGETS


def experiment(target: str = "ring", **controls: Any) -> gandyn.Experiment:
    """Two tiny networks on a 2-D target, both with adam; steep enough for every penalty to act."""
    generator = gandyn.mlp([3, 5, 2], "tanh", gain=1.2)
    critic = gandyn.mlp([2, 6, 1], "tanh", gain=2.0)
    game = gandyn.Game(generator, critic, gandyn.adam(), gandyn.adam(), gandyn.Latent(3))
    knobs = gandyn.Knobs(lr_g=0.01, lr_d=0.02, penalty_weight=0.5)
    return gandyn.Experiment(TARGETS[target](), game, gandyn.Rule(batch_size=8), knobs).replace(**controls)


def tensors(state: gandyn.State) -> dict[str, Tensor]:
    """Every tensor of a state by name."""
    g, d, (g_m, g_v, _), (d_m, d_v, _), ema_g, _ = state
    return {"g": g, "d": d, "opt_g.m": g_m, "opt_g.v": g_v, "opt_d.m": d_m, "opt_d.v": d_v, "ema_g": ema_g}


def same(one: gandyn.State, other: gandyn.State) -> bool:
    """Whether two states are equal bit for bit."""
    counts = [(state.opt_g.t, state.opt_d.t, state.step) for state in (one, other)]
    pairs = zip(tensors(one).values(), tensors(other).values(), strict=True)
    return counts[0] == counts[1] and all(a.shape == b.shape and torch.equal(a, b) for a, b in pairs)


def run(experiment: gandyn.Experiment, steps: int, state: gandyn.State | None = None) -> gandyn.State:
    """The state some steps later, from `state` or from the experiment's own start."""
    stepping = gandyn.play(experiment, state=state)
    for _ in range(steps):
        state, _ = next(stepping)
    assert state is not None
    return state
