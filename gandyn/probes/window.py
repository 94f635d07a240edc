"""The part of data space that is looked at. Registers nothing."""

import math
from functools import lru_cache

import numpy as np
import torch
from torch import Tensor

from gandyn.core.target import Target
from gandyn.probes.reference import modes_of, reference

ROUND = (1.0, 1.5, 2.0, 3.0, 4.0, 5.0, 6.0, 8.0, 10.0)  # times a power of ten
MARGIN = 1.2  # room for a generator that overshoots
SMALLEST = {1: 2.0, 2: 1.0}  # by dimension; a point on a line has no size of its own, and its orbits start at 1


@lru_cache(maxsize=64)
def half_width(target: Target) -> float:
    """R, in data units: the target and a margin lie in [-R, R]^2. Round, and the same for similar parameters.

    3 for a ring of radius 2. It is a step function of the target's parameters, so a view that must not move asks
    once and keeps the answer. Raises ValueError for targets that are neither on a line nor in the plane.
    """
    largest = reach(target)
    return max(SMALLEST[target.shape[0]], round_up(MARGIN * largest))


@lru_cache(maxsize=64)
def reach(target: Target) -> float:
    """The largest coordinate at which there is something to see of the target, in data units.

    Raises ValueError for targets that are neither on a line nor in the plane.
    """
    if target.shape not in ((1,), (2,)):
        raise ValueError(f"target {target.name!r} has samples of shape {target.shape}: no window shows them")
    mixture = modes_of(target)
    if mixture is None:
        return float(reference(target, 1000).abs().max(1).values.quantile(0.99))
    return float((mixture.centres.abs().max(1).values + 2 * mixture.sigma).max())


def round_up(x: float) -> float:
    """The smallest round number that is not less than x; 0 for 0."""
    if x <= 0:
        return 0.0
    power = 10.0 ** math.floor(math.log10(x))
    return power * next(r for r in ROUND if r * power >= x * (1 - 1e-9))


def cells_of(x: Tensor, window: float, side: int) -> Tensor:
    """The number of the cell of each point x [n, dim], of side^dim cells of [-window, window]^dim: [n], row by row.

    Outside of the window, and for points that are no numbers, it is side^dim.
    """
    place = ((x / window + 1) * (side / 2)).floor()
    inside = ((place >= 0) & (place < side)).all(1)
    place = place.clamp(0, side - 1).long()
    number = place[:, 0] if x.shape[1] == 1 else place[:, 0] * side + place[:, 1]
    return torch.where(inside, number, side ** x.shape[1])


def columns(points: Tensor) -> tuple[np.ndarray, np.ndarray]:
    """x [n], y [n] of points [n, 2] or, on the line y = 0, [n, 1]; each one piece of memory, as a socket wants it."""
    plain = points.detach().cpu().numpy()
    x = np.ascontiguousarray(plain[:, 0])
    return x, np.ascontiguousarray(plain[:, 1]) if plain.shape[1] > 1 else np.zeros_like(x)
