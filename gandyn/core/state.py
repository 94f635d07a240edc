"""A State as a whole: its start, and where it lies."""

from __future__ import annotations

import torch
from torch import Tensor

from gandyn.core.optimizers.arithmetic import start_count
from gandyn.core.trees import tree_map
from gandyn.core.types import Game, State


def initial(game: Game, g: Tensor, d: Tensor) -> State:
    """The State at step 0 with these parameters [P_G] and [P_D]."""
    return State(g, d, game.optimizer_g.init(g), game.optimizer_d.init(d), g, averaged=start_count(g))


def on(state: State, device: torch.device | str) -> State:
    """The state on that device."""
    return tree_map(lambda tensor: tensor.to(device), state)
