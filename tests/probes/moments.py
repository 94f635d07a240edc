"""Moments of small games, for the tests of probes."""

import torch

from gandyn.core.engine import play
from gandyn.core.experiment import Experiment
from gandyn.core.nets import mlp
from gandyn.core.optimizers.adam import adam
from gandyn.core.play import init
from gandyn.core.target import TARGETS, Target
from gandyn.core.types import Game, Knobs, Latent, Rule, State
from gandyn.targets.ring import Ring

POINTS = [name for name, kind in TARGETS.items() if len(kind().shape) == 1]  # targets whose samples are vectors


def game(dim: int = 2, latent: int = 3, width: int = 16) -> Game:
    return Game(mlp([latent, width, dim]), mlp([dim, width, 1]), adam(), adam(), Latent(latent))


def moment(
    target: Target | None = None,
    *,
    steps: int = 5,
    dtype: torch.dtype = torch.float32,
    **controls: object,
) -> tuple[Experiment, State]:
    """A small experiment and its state after a few steps, so that no moment of an optimiser is 0."""
    target = Ring() if target is None else target
    played = Experiment(target, game(target.shape[0]), Rule(batch_size=64), Knobs(lr_g=0.01, lr_d=0.01))
    played = played.replace(**controls)
    state = init(played.game, 1, dtype)
    run = play(played, state=state, seed=1)
    for _ in range(steps):
        state, _ = next(run)
    return played, state
