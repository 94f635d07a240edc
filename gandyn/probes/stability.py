"""Which eigenvalues of the Jacobian an update rule can take at its step size. Registers nothing."""

import math

import torch
from torch import Tensor

from gandyn.core.experiment import Experiment
from gandyn.core.linear_game import contraction, game_of
from gandyn.core.types import Knobs


def step_size(knobs: Knobs) -> float:
    """h, the larger of both learning rates."""
    return max(float(knobs.lr_g), float(knobs.lr_d))


def by_rates(rows: Tensor, m: int, knobs: Knobs) -> Tensor:
    """H/h times rows [n, ...]: each player's by its learning rate in units of the larger one.

    m: how many of the rows are the generator's. With equal rates, and so if both are 0, they are as they were.
    """
    if knobs.lr_g == knobs.lr_d:
        return rows
    h = step_size(knobs)
    return torch.cat([rows[:m] * (float(knobs.lr_g) / h), rows[m:] * (float(knobs.lr_d) / h)])


def stability(experiment: Experiment, eigenvalues: Tensor) -> Tensor:
    """By how much a step changes the distance to an equilibrium whose Jacobian has these eigenvalues, complex [...].

    The spectral radius [...] of the rule's step at rates h on the game a/2 x^2 + b x y - a/2 y^2, whose eigenvalues are
    a +- ib. So it is |1 - h lambda| for gradient descent, and exact for all rules that are made of v and J alone; those
    that read J' or the players' blocks (consensus, symplectic, look-ahead, ...) see them as they are in that game. NaN
    where a step is not linear: under Adam, and for a few rules.
    """
    rule, h = experiment.rule._replace(unroll=0, freeze="none"), step_size(experiment.knobs)
    factors = None
    if eigenvalues.isfinite().all():
        knobs = experiment.knobs._replace(lr_g=h, lr_d=h)
        optimizers = (experiment.game.optimizer_g, experiment.game.optimizer_d)
        factors = contraction(game_of(eigenvalues.flatten()), rule, knobs, optimizers)
    if factors is None:
        return torch.full(eigenvalues.shape, math.nan, dtype=torch.float64)
    return factors.reshape(eigenvalues.shape)
