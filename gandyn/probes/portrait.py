"""The phase portrait of a game of one number each: where every point of the plane is moved, and what theory says."""

import math

import numpy as np
import torch
from torch import Tensor

from gandyn.core.dynamics import step
from gandyn.core.experiment import Experiment
from gandyn.core.game_field import GameField
from gandyn.core.rng import Rng
from gandyn.core.trees import tree_map
from gandyn.core.types import State
from gandyn.probes import PROBES, Arrays, Probe
from gandyn.probes.game_point import in_double
from gandyn.probes.prediction import at, batch_of, measured_contraction, only_one_number_each, predict
from gandyn.probes.stability import step_size
from gandyn.probes.window import half_width as half_width_of
from gandyn.probes.window import round_up

MARGIN = 1.2  # room around the point where the game stands
LEVELS = (0.25, 0.5, 0.75, 1.0)  # of the window's half width, where circles of equal energy are drawn
LONGEST = 1.6  # of an arrow, in distances between two points


def portrait(
    experiment: Experiment,
    state: State,
    rng: Rng,
    *,
    m: int = 15,
    half_width: float | None = None,
    steps: int = 1,
    ahead: int = 60,
) -> Arrays:
    """The field of a game of one number each on m x m points (theta, psi), and the moves of its players there.

    Under the present objective, penalty, look-ahead and update rule; in float64. A rule begins at every point without a
    past, its optimisers at rest: so what a rule with a memory adds is seen with `steps` > 1. Penalties remember
    everywhere what they do where the game stands.
      line [m]               the values of theta, by column, and of psi, by row, both rising
      v_g, v_d [m, m]        the field v: both players move against it
      move_g, move_d [m, m]  where `steps` steps lead from there, less the point, by h steps; h the larger learning rate
      x0, y0, x1, y1 [m m]   the same moves as arrows, the longest as long as LONGEST points are apart
      ahead_theta, ahead_psi [ahead + 1]   where the next steps lead from where the game stands, its memories with it
      here_theta, here_psi, middle_theta, middle_psi [1]   where the game stands, and its equilibrium
      level_theta, level_psi   circles around the equilibrium, on which the energy is the same; NaN between two
      energy [m, m]          half of the squared distance to the equilibrium: what the bilinear flow keeps
    0-d:
      half_width, h          of the window (default: the target's, or wider where the game stands beyond it); h
      theta, psi             where the game stands
      theta_0, psi_0         its equilibrium, NaN where there is none at which v has a derivative
      contraction, turn      by how much a step changes the distance, and in how many it goes round; NaN where theory
                             says nothing, see `gandyn.probes.prediction`
      verdict                a text: the contraction, and that of the steps ahead on average, over whole turns if there
                             are any: within a turn on an ellipse it is another one than theory's
    eigen_real, eigen_imag [2], step_real, step_imag [s]   the eigenvalues of J and of one step there; empty likewise
    Raises ValueError for a game of more numbers.
    """
    only_one_number_each(experiment)
    theta, psi = float(state.g), float(state.d)
    stands = max((abs(x) for x in (theta, psi) if math.isfinite(x)), default=0.0)
    r = half_width or max(half_width_of(experiment.target), round_up(MARGIN * stands))
    line = torch.linspace(-r, r, m, dtype=torch.float64)
    g, d = (part.reshape(-1, 1) for part in torch.meshgrid(line, line, indexing="xy"))
    v_g, v_d, move_g, move_d = (part.reshape(m, m).numpy() for part in _moves(experiment, state, g, d, steps))
    prediction, h = predict(experiment), step_size(experiment.knobs)
    theta_0, psi_0 = (prediction.theta, prediction.psi) if prediction else (math.nan, math.nan)
    contraction, turn = (prediction.contraction, prediction.turn) if prediction else (None, None)
    ahead_theta, ahead_psi = _ahead(experiment, state, ahead)
    far = np.hypot(ahead_theta - theta_0, ahead_psi - psi_0)
    longest = float(np.hypot(move_g, move_d).max(initial=0, where=np.isfinite(move_g + move_d)))
    long = LONGEST * 2 * r / max(1, m - 1) / longest if longest > 0 else 0.0
    x0, y0 = g.flatten().numpy(), d.flatten().numpy()
    turns = np.append(np.exp(2j * np.pi * np.linspace(0, 1, 65)), np.nan)
    circles = np.concatenate([r * part * turns for part in LEVELS])
    numbers = {
        "half_width": r, "h": h, "theta": theta, "psi": psi, "theta_0": theta_0, "psi_0": psi_0,
        "contraction": contraction, "turn": turn, "verdict": _verdict(contraction, turn, far),
    }  # fmt: skip
    eigen, one = (prediction.jacobian, prediction.step) if prediction else (np.zeros(0, np.complex128),) * 2
    values = line.numpy()
    return {
        "x0": x0, "y0": y0, "x1": x0 + long * move_g.flatten(), "y1": y0 + long * move_d.flatten(),
        "here_theta": np.array([theta]), "here_psi": np.array([psi]),
        "middle_theta": np.array([theta_0]), "middle_psi": np.array([psi_0]),
        "ahead_theta": ahead_theta, "ahead_psi": ahead_psi,
        "level_theta": theta_0 + circles.real, "level_psi": psi_0 + circles.imag,
        "line": values, "v_g": v_g, "v_d": v_d, "move_g": move_g, "move_d": move_d,
        "energy": ((values[None, :] - theta_0) ** 2 + (values[:, None] - psi_0) ** 2) / 2,
        "eigen_real": np.real(eigen), "eigen_imag": np.imag(eigen),
        "step_real": np.real(one), "step_imag": np.imag(one),
        **{name: np.array(math.nan if number is None else number) for name, number in numbers.items()},
    }  # fmt: skip


def _moves(
    experiment: Experiment, state: State, g: Tensor, d: Tensor, steps: int
) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """(v_g, v_d, moves of g, of d) at the points [L, 1]: all of them as lanes of one state."""
    batch = tree_map(lambda part: part.expand(len(g), *part.shape), batch_of(experiment))
    game, rule, knobs = experiment.game, experiment.rule, experiment.knobs
    held = tree_map(lambda part: part.expand(len(g), *part.shape) if part.ndim else part, in_double(state).aux)
    w = at(experiment, g, d)._replace(aux=held)
    v = GameField(game, rule, batch, knobs).at(w).v
    moved = w
    for _ in range(steps):
        moved, _ = step(game, rule, moved, [batch], knobs)
    per = 1 / (steps * step_size(knobs)) if step_size(knobs) else 0.0
    return v.g, v.d, (moved.g - g) * per, (moved.d - d) * per


def _ahead(experiment: Experiment, state: State, steps: int) -> tuple[np.ndarray, np.ndarray]:
    """The next points (theta, psi), the present one first."""
    w, batch = in_double(state), batch_of(experiment)
    points = [(float(w.g), float(w.d))]
    for _ in range(steps):
        w, _ = step(experiment.game, experiment.rule, w, [batch], experiment.knobs)
        points.append((float(w.g), float(w.d)))
    theta, psi = np.array(points).T
    return theta.copy(), psi.copy()


def _verdict(contraction: float | None, turn: float | None, far: np.ndarray) -> str:
    """What theory says of a step and what the next ones do."""
    steps = len(far) - 1
    part = ""
    if turn is not None and turn <= steps:
        steps = round(turn * (steps // turn))
    elif turn is not None:
        part = ", less than a turn,"
    measured = measured_contraction(float(far[0]), float(far[steps]), steps)
    words = [f"theory {contraction:.5f}"] if contraction is not None else ["theory says nothing"]
    words += [f"the next {steps} steps{part} {measured:.5f}"] if measured is not None else []
    return ", ".join(words)


PROBES.add(Probe("portrait", "the phase portrait of a game of one number each", portrait), rank=7)
