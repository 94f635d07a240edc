"""The field of the game at a state, on samples that are the same in every frame. Registers nothing."""

from typing import NamedTuple

import torch

from gandyn.core.experiment import Experiment
from gandyn.core.field import Field
from gandyn.core.game_field import GameField
from gandyn.core.play import draw_batch
from gandyn.core.rng import Rng
from gandyn.core.trees import tree_map
from gandyn.core.types import State
from gandyn.probes.inputs import aside, sized


class Point(NamedTuple):
    """The field of a game on one minibatch in float64, and a point of it."""

    field: GameField
    w: State
    v: Field


def in_double(state: State) -> State:
    """The state in float64."""
    return tree_map(lambda part: part.double() if part.is_floating_point() else part, state)


def point(experiment: Experiment, state: State, rng: Rng, n: int) -> Point:
    """The game at this state on n samples that are a function of rng alone."""
    w = in_double(state)
    sampled = sized(experiment, n)
    batch = draw_batch(sampled, aside(rng), torch.float64, state.g.device)
    field = GameField(sampled.game, sampled.rule, batch, sampled.knobs)
    return Point(field, w, field.at(w).v)
