"""The field of the game at a state, on samples that are the same in every frame. Registers nothing."""

from dataclasses import replace
from typing import NamedTuple

import torch

from gandyn.core.experiment import Experiment
from gandyn.core.field import Field
from gandyn.core.game_field import GameField
from gandyn.core.play import draw_batch
from gandyn.core.rng import Rng
from gandyn.core.trees import tree_map
from gandyn.core.types import State
from gandyn.probes.inputs import aside


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
    sized = replace(experiment, rule=experiment.rule._replace(batch_size=n))
    batch = draw_batch(sized, aside(rng), torch.float64, state.g.device)
    field = GameField(sized.game, sized.rule, batch, sized.knobs)
    return Point(field, w, field.at(w).v)
