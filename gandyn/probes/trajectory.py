"""The plane in which a run's next steps lie: the two directions in which its parameters move most."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from gandyn.core.experiment import Experiment
from gandyn.core.rng import Rng
from gandyn.core.types import State
from gandyn.probes import PROBES, Arrays, Probe
from gandyn.probes.ahead import affordable, ahead

STEPS = 200
POINTS = 100  # of the line
DOTS = 8  # along it, at equal numbers of steps


def points_of(states: Sequence[State]) -> Tensor:
    """Both players' parameters of states of one GAN as points [n, P_G + P_D], in float64 on the CPU."""
    return torch.stack([torch.cat([w.g, w.d]).cpu().double() for w in states])


class Plane(NamedTuple):
    """Points in the two directions in which they spread most."""

    coordinates: Tensor  # [n, 2], around their mean; in units of the parameters
    shares: Tensor  # [2], of the points' variance
    directions: Tensor  # [P, 2], orthonormal; 0 where the points spread in fewer directions
    mean: Tensor  # [P]


def leading_plane(points: Tensor) -> Plane:
    """The principal components of points [n, P], n > 0, by the singular values of what is left without their mean.

    Each direction's sign is that which makes its largest coordinate positive. Ref: for trajectories of networks Li et
    al. 2018 (1712.09913), section 7.
    """
    mean = points.double().mean(0)
    rest = points.double() - mean
    u, sizes, v = torch.linalg.svd(rest, full_matrices=False)
    missing = 2 - len(sizes)
    if missing > 0:
        u, v = torch.nn.functional.pad(u, (0, missing)), torch.nn.functional.pad(v, (0, 0, 0, missing))
        sizes = torch.nn.functional.pad(sizes, (0, missing))
    u, largest, v = u[:, :2], sizes[:2], v[:2]
    there = largest > 1e-12 * (1e-300 + sizes[0])
    signs = torch.where(u.gather(0, u.abs().argmax(0, keepdim=True))[0] < 0, -1.0, 1.0) * there
    total = sizes.square().sum()
    shares = largest.square() / total if total > 0 else torch.zeros(2, dtype=torch.float64)
    return Plane(u * largest * signs, shares, (v * signs[:, None]).T, mean)


def trajectory(experiment: Experiment, state: State, rng: Rng, *, steps: int = STEPS) -> Arrays:
    """The next `steps` of a run, or as many as a view may take (`ahead`), in the plane in which they spread most.

    first, second [m]      where it stands after each of m - 1 equal stretches, around the mean, in units of the
                           parameters of both players
    dot_1, dot_2 [k]       the same at k equal distances of steps; here_1, here_2 [1] now
    0-d: `plane`, `line`   the shares of the spread in the plane, and in its first direction alone
    `critic`               the share of the critic's parameters in the plane's directions
    `steps`                how many there are
    A function of the experiment and the state: rng is not used. Ref: Li et al. 2018 (1712.09913), section 7; that a
    random walk in many dimensions draws a bow is from Antognini and Sohl-Dickstein 2018 (1806.08805).
    """
    steps = affordable(experiment, steps)
    states = ahead(experiment, state, steps, max(1, steps // POINTS))
    points = points_of(states)
    if not bool(points.isfinite().all()):
        raise ValueError("some of the next steps are not finite")
    plane = leading_plane(points)
    xy, dots = plane.coordinates.numpy(), slice(None, None, max(1, (len(states) - 1) // DOTS))
    critic = plane.directions[len(state.g) :].square().sum() / plane.directions.square().sum().clamp_min(1e-30)
    return {
        "first": xy[:, 0], "second": xy[:, 1],
        "dot_1": xy[dots, 0], "dot_2": xy[dots, 1],
        "here_1": xy[:1, 0], "here_2": xy[:1, 1],
        "plane": np.array(float(plane.shares.sum())),
        "line": np.array(float(plane.shares[0])),
        "critic": np.array(float(critic)),
        "steps": np.array((len(states) - 1) * max(1, steps // POINTS)),
    }  # fmt: skip


PROBES.add(Probe("trajectory", "the next steps in the plane in which they spread most", trajectory), rank=12)
