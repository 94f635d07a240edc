"""What the critic makes of every place in data space."""

from functools import lru_cache

import numpy as np
import torch
from torch import Tensor

from gandyn.core.experiment import Experiment
from gandyn.core.objectives import OBJECTIVES
from gandyn.core.rng import Rng
from gandyn.core.types import State
from gandyn.probes import PROBES, Arrays, Probe
from gandyn.probes.inputs import generate, judge, reals
from gandyn.probes.window import half_width as half_width_of

JUDGED = 512  # real and generated samples each, whose mean value gives the middle of a value without a zero


def scale_of(experiment: Experiment) -> str:
    """How the critic reads under this objective: probability, target, score or difference (Objective.scale)."""
    return OBJECTIVES[experiment.rule.objective].scale


def middle_of(experiment: Experiment, state: State, rng: Rng) -> float:
    """The critic's value that stands for "cannot tell".

    0 for a probability (sigmoid 0 = 1/2) and for a score, 1/2 for a target between 0 and 1. A difference is known up
    to a constant only: halfway between the mean values of real and of generated samples. A perceptron without biases
    has no constant to be free in: d = 0 is its own, as in the Dirac GAN, whose critic is d(x) = psi x.
    """
    scale, layout = scale_of(experiment), experiment.game.critic.perceptron
    if scale != "difference" or (layout and not layout.bias):
        return 0.5 if scale == "target" else 0.0
    real = judge(experiment, state, reals(experiment, JUDGED, rng)).mean()
    fake = judge(experiment, state, generate(experiment, state, JUDGED, rng)).mean()
    return float((real + fake) / 2)


@lru_cache(maxsize=16)
def grid(m: int, half_width: float) -> tuple[Tensor, Tensor]:
    """(line, points): the m middles of the cells of [-R, R] in float64, and all m x m points [m m, 2], x fastest."""
    line = half_width * (2 * torch.arange(m, dtype=torch.float64) + 1 - m) / m
    return line, torch.cartesian_prod(line, line).flip(1)


def critic_map(
    experiment: Experiment, state: State, rng: Rng, *, m: int = 64, half_width: float | None = None
) -> Arrays:
    """The critic on an m x m grid over [-R, R]^2, in the middles of its cells.

    `values` [m, m]: raw values d, the row its y and the column its x, both rising; `probability` [m, m]: sigmoid d;
    `line` [m]: the cells' middles, of x as of y; 0-d: `half_width` R (default: that of the target's window),
    `middle`, the value of "cannot tell" (see middle_of), and `scale`, a text (see scale_of). On a line the critic
    sees x alone, and all rows are alike. Raises ValueError for a target that no window shows.
    """
    r = half_width_of(experiment.target) if half_width is None else half_width
    line, points = grid(m, r)
    if experiment.target.shape == (1,):
        values = judge(experiment, state, line[:, None]).expand(m, m)
    else:
        values = judge(experiment, state, points).view(m, m)
    return {
        "values": values.contiguous().cpu().numpy(),
        "probability": values.sigmoid().cpu().numpy(),
        "line": line.numpy(),
        "half_width": np.array(r),
        "middle": np.array(middle_of(experiment, state, rng)),
        "scale": np.array(scale_of(experiment)),
    }


PROBES.add(Probe("critic_map", "the critic's value at every place", critic_map), rank=1)
