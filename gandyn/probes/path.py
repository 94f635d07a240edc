"""The path angle: where the flow points along the line between two states of a run."""

import numpy as np
import torch

from gandyn.core.experiment import Experiment
from gandyn.core.field import Field
from gandyn.core.game_field import GameField, dot, place, plus, put
from gandyn.core.play import init
from gandyn.core.rng import Rng
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
