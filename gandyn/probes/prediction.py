"""What theory says of a game of one number each: its equilibrium, and what a step does near it. Registers nothing.

A game of one number each is one whose players have a parameter each and whose samples are not random: the presets
`dirac`, `bilinear` and `quadratic`, under any objective, penalty, look-ahead and update rule.
"""

import cmath
import math
from dataclasses import replace
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from gandyn.core.experiment import Experiment
from gandyn.core.field import Field
from gandyn.core.game_field import GameField
from gandyn.core.linear_game import LinearGame, second_derivatives, settled, transition
from gandyn.core.play import draw_batch
from gandyn.core.rng import Rng
from gandyn.core.state import initial
from gandyn.core.types import Batch, State

NEWTON = 30  # steps of Newton's method at most
STEP = 1e-5  # from the equilibrium, to see whether the field is differentiable there


class Prediction(NamedTuple):
    """The game near its equilibrium, and one step there."""

    theta: float  # the equilibrium: the generator's number and the critic's
    psi: float
    jacobian: np.ndarray  # complex [2], the eigenvalues of J = dv/dw there
    step: np.ndarray  # complex [s], those of one period on (w, memory), the largest first; empty: it is not linear
    period: int  # in steps: 1 but for rules that go back now and then
    contraction: float | None  # the spectral radius of a step; None: a step is not linear there

    @property
    def turn(self) -> float | None:
        """Steps that it takes to go round once; None where it does not rotate, and of a period of several steps."""
        angle = abs(cmath.phase(self.step[0])) if len(self.step) and self.period == 1 else 0.0
        return 2 * math.pi / angle if angle else None


def one_number_each(experiment: Experiment) -> bool:
    """Whether the game has one parameter a player, and samples that are not random."""
    game, target = experiment.game, experiment.target
    sizes = (game.generator.size, game.critic.size)
    return sizes == (1, 1) and target.shape == (1,) and not (game.latent.size or target.uniforms or target.normals)


def only_one_number_each(experiment: Experiment) -> None:
    """ValueError in one line where it has more."""
    if not one_number_each(experiment):
        g, d = experiment.game.generator.size, experiment.game.critic.size
        raise ValueError(
            "a phase portrait is of games of one number each without random samples, as the preset dirac; "
            f"this one has {g:,} + {d:,} parameters and the target {experiment.target.name}"
        )


def batch_of(experiment: Experiment) -> Batch:
    """The one minibatch of such a game, in float64."""
    sized = replace(experiment, rule=experiment.rule._replace(batch_size=1))
    return draw_batch(sized, Rng(0), torch.float64)


def at(experiment: Experiment, theta: Tensor, psi: Tensor) -> State:
    """The state at these numbers [..., 1], its optimisers at rest."""
    return initial(experiment.game, theta, psi)


def predict(experiment: Experiment) -> Prediction | None:
    """What theory says of a game of one number each; None where it has no equilibrium at which v is differentiable.

    The equilibrium is found by Newton's method from "the sample is real, the critic is 0", and the game taken to first
    order there: exact everywhere for `bilinear` and `quadratic`, whose field is linear, and near the equilibrium of
    others. ValueError for a game of more numbers.
    """
    only_one_number_each(experiment)
    game, rule, knobs = experiment.game, experiment.rule, experiment.knobs
    field = GameField(game, rule._replace(freeze="none"), batch_of(experiment), knobs)
    w = torch.tensor([_number_of_real(experiment), 0.0], dtype=torch.float64)
    linear = None
    for _ in range(NEWTON):
        v = _field(field, experiment, w)
        linear = second_derivatives(field, at(experiment, w[:1], w[1:]))
        if not (v.isfinite().all() and linear.jacobian.isfinite().all()):
            return None
        if float(v.norm()) <= 1e-14 * (1 + float(w.norm())):
            break
        w = w - torch.linalg.lstsq(linear.jacobian, v[:, None], driver="gelsd").solution[:, 0]
    if linear is None or not _is_equilibrium(field, experiment, w, linear):
        return None
    optimizers = (game.optimizer_g, game.optimizer_d)
    rule = settled(linear, rule, knobs, optimizers)
    matrix = transition(linear, rule, knobs, optimizers)
    period = rule.update_rule.period
    step = _largest_first(np.zeros(0) if matrix is None else torch.linalg.eigvals(matrix).numpy())
    radius = float(abs(step[0])) ** (1 / period) if len(step) else None
    eigenvalues = _largest_first(torch.linalg.eigvals(linear.jacobian).numpy())
    return Prediction(float(w[0]), float(w[1]), eigenvalues, step, period, radius)


def predicted_contraction(experiment: Experiment) -> float | None:
    """By how much one step changes the distance to the equilibrium in the long run, as theory says.

    None where theory says nothing: for games of more than one number each, where the field has no derivative at the
    equilibrium, and where a step is not linear there (under Adam, or with an anchor).
    """
    prediction = predict(experiment) if one_number_each(experiment) else None
    return None if prediction is None else prediction.contraction


def measured_contraction(before: float, after: float, steps: int) -> float | None:
    """By how much a step changed the distance to the equilibrium on average: (after / before)^(1 / steps).

    An average, since the points may go round on an ellipse, or back now and then: over a multiple of the rule's period
    and of its turns it is the prediction. None where a distance is 0 or not finite, or there is no step.
    """
    if steps < 1 or not (0 < before < math.inf and 0 < after < math.inf):
        return None
    return (after / before) ** (1 / steps)


def measured_eigenvalues(points: np.ndarray, delays: int = 1) -> np.ndarray:
    """The eigenvalues of the linear map that leads from each point to the next: complex [k], the largest first.

    points: [n, dim], relative to the equilibrium. By least squares over all steps (dynamic mode decomposition); with
    delays > 1 of the map of so many points in a row, for rules that remember. Empty of too few points, and without what
    the points do not show. Ref: Schmid 2010, J. Fluid Mech. 656; with delays Arbabi & Mezic 2017 (1611.06664).
    """
    points = np.asarray(points, np.float64)
    rows = len(points) - delays + 1
    if rows < 2 or not np.isfinite(points).all():
        return np.zeros(0, complex)
    stacked = np.concatenate([points[i : i + rows] for i in range(delays)], 1)
    before, after = stacked[:-1].T, stacked[1:].T
    u, sizes, v = np.linalg.svd(before, full_matrices=False)
    kept = sizes > 1e-9 * sizes[0] if sizes[0] > 0 else np.zeros(len(sizes), bool)
    u, sizes, v = u[:, kept], sizes[kept], v[kept]
    return _largest_first(np.linalg.eigvals(u.T @ after @ v.T / sizes))


def _largest_first(values: np.ndarray) -> np.ndarray:
    return values[np.argsort(-np.abs(values), kind="stable")].astype(np.complex128)


def _number_of_real(experiment: Experiment) -> float:
    """The generator's number whose sample is real, of a generator that is its number: theta itself."""
    return float(experiment.target.draw(1, Rng(0)).double())


def _field(field: GameField, experiment: Experiment, w: Tensor) -> Tensor:
    v: Field = field.at(at(experiment, w[:1], w[1:])).v
    return torch.cat(v)


def _is_equilibrium(field: GameField, experiment: Experiment, w: Tensor, linear: LinearGame) -> bool:
    """Whether v is 0 there, and J its derivative: not under a penalty with an edge there."""
    if float(_field(field, experiment, w).norm()) > 1e-9 * (1 + float(w.norm())):
        return False
    sides = [sign * STEP * side for side in torch.eye(2, dtype=torch.float64) for sign in (1, -1)]
    far = max(float((_field(field, experiment, w + one) - linear.jacobian @ one).norm()) for one in sides)
    return far <= 1e-2 * STEP * (1 + float(linear.jacobian.norm()))
