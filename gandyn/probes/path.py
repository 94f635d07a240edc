"""How a run moves through the space of both players' parameters.

The path angle along the line between two states, each player's update in units of its weights, the plane in which a
trajectory lies, and how fast two runs that began side by side part.
"""

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from gandyn.core.engine import advance, resolve
from gandyn.core.experiment import Experiment
from gandyn.core.field import Field
from gandyn.core.game_field import GameField, dot, place, plus, put
from gandyn.core.lanes import stack
from gandyn.core.play import init
from gandyn.core.rng import Rng
from gandyn.core.trees import tree_map
from gandyn.core.types import State
from gandyn.probes import PROBES, Arrays, Probe
from gandyn.probes.game_point import in_double, point

NEAR = 0.5  # of the way, on either side of its end, that tells attraction from rotation


def path_angle(
    experiment: Experiment, start: State, end: State, rng: Rng, *, n: int = 256, m: int = 61, beyond: float = NEAR
) -> Arrays:
    """The angle between the way that the flow goes and the line from one state through another, all along it.

    alpha [m]   from 0, the start, past 1, the end, to 1 + beyond
    angle [m]   cos of the angle between -v and end - start, at start + alpha (end - start); 0 where v is 0
    norm [m]    |v| there
    switch, bump, length   0-d: see `switch_and_bump`; |end - start|
    v on n samples that are a function of rng alone, in float64. Ref: Berard et al. 2020 (1906.04848), section 4 (there
    with v). Raises ValueError for states of different sizes or the same place.
    """
    if start.g.shape != end.g.shape or start.d.shape != end.d.shape:
        raise ValueError("the two states of a path are of different networks")
    field, w, _ = point(experiment, end, rng, n)
    way = plus(place(w), place(in_double(start)), -1.0)
    length = float(dot(way, way).sqrt())
    if length == 0:
        raise ValueError("the two states of a path are the same: there is no line between them")
    alpha = np.linspace(0, 1 + beyond, m)
    seen = [_along(field, w, way, float(a) - 1) for a in alpha]
    angle, norm = (np.array(values) for values in zip(*seen, strict=True))
    around = np.linspace(0, min(beyond, 1), max(2, m // 3))
    after, before = ([_along(field, w, way, float(side * s))[0] for s in around] for side in (1, -1))
    switch, bump = switch_and_bump(np.array(before), np.array(after))
    numbers = {"switch": switch, "bump": bump, "length": length}
    return {"alpha": alpha, "angle": angle, "norm": norm, **{name: np.array(x) for name, x in numbers.items()}}


def path(experiment: Experiment, state: State, rng: Rng, *, n: int = 256, m: int = 41) -> Arrays:
    """`path_angle` along the line from where the run began, at its seed's initial weights, through where it stands.

    Raises ValueError where it stands there.
    """
    start = init(experiment.game, experiment.seed, state.g.dtype, state.g.device)
    if torch.equal(start.g, state.g) and torch.equal(start.d, state.d):
        raise ValueError("the run stands where it began: there is no path yet")
    return path_angle(experiment, start, state, rng, n=n, m=m)


PROBES.add(Probe("path", "the angle of the flow to the path from the start", path), rank=10)


def _along(field: GameField, w: State, way: Field, s: float) -> tuple[float, float]:
    """(cos of the angle between -v and the way, |v|) at w + s way."""
    v = field.at(put(w, plus(place(w), way, s))).v
    size = float(dot(v, v).sqrt())
    return (-float(dot(v, way)) / (size * float(dot(way, way).sqrt())) if size > 0 else 0.0), size


def switch_and_bump(before: np.ndarray, after: np.ndarray) -> tuple[float, float]:
    """What cosines on both sides of a point say of it: (attraction, rotation), each 0 to 1 in size.

    before, after: [k] cosines at equal distances s = 0, ... from the point, against the way and along it. Attraction is
    the mean half difference, before less after, s > 0: 1 where the flow points to the point from either side, -1 where
    it points away. Rotation is how far the cosine at the point stands out from the mean of both sides.
    """
    odd, even = (before - after)[1:] / 2, (before + after)[1:] / 2
    return float(odd.mean()), float(abs(before[0] - even.mean()))


def update_to_weight(before: State, after: State) -> tuple[Tensor, Tensor]:
    """|change| / |parameters| of the generator and of the critic from one state to another: 0-d, or [N] with lanes.

    A step's, where the states are neighbours: about 1e-3 is usual (Karpathy 2015, CS231n). NaN where the parameters are
    0.
    """
    pairs = ((before.g, after.g), (before.d, after.d))
    g, d = ((new - old).norm(dim=-1) / old.norm(dim=-1) for old, new in pairs)
    return g, d


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


def lyapunov(
    experiment: Experiment, state: State, *, steps: int = 500, apart: float = 1e-6, every: int = 10, seed: int = 0
) -> Arrays:
    """The largest Lyapunov exponent of training: how fast two runs that began `apart` part, on the same batches.

    exponent       0-d, the mean of ln(distance after / before) a step: above 0, near runs part. Of a linear game it is
                   ln of the contraction
    log [steps / every + 1]   ln of how far they would be apart, in units of the start
    Two lanes in float64, of the run's own seed, the second a random direction away; after every `every` steps it is
    drawn back to the distance `apart` along the line between them, its memories with it. The run's own State is left
    alone. Raises ValueError where they stop being finite. Ref: Benettin et al. 1980, Meccanica 15.
    """
    first = in_double(state)
    size = len(first.g)
    kick = Rng(seed, index=1).normal("directions", size + len(first.d)).to(first.g)
    kick = apart * kick / kick.norm()
    second = first._replace(g=first.g + kick[:size], d=first.d + kick[size:])
    pair, engine, grown = stack([first, second]), resolve(experiment, state.g.device), [0.0]
    for _ in range(max(1, steps // every)):
        pair, _ = advance(experiment, pair, [experiment.seed] * 2, every, engine)
        between = torch.cat([pair.g[1] - pair.g[0], pair.d[1] - pair.d[0]])
        distance = float(between.norm())
        if not 0 < distance < math.inf:
            raise ValueError(f"at step {pair.step} the two runs are {distance:g} apart: they have no exponent")
        grown.append(grown[-1] + math.log(distance / apart))
        pair = tree_map(lambda part, scale=apart / distance: _drawn_back(part, scale), pair)
    log = np.array(grown)
    return {"exponent": np.array(log[-1] / ((len(log) - 1) * every)), "log": log}


def _drawn_back(part: Tensor, scale: float) -> Tensor:
    """The second lane at `scale` times its distance from the first; counts and what lanes share as they are."""
    if not (part.ndim and part.is_floating_point()):
        return part
    return torch.stack([part[0], part[0] + scale * (part[1] - part[0])])
