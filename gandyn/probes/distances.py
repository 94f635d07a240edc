"""Distances between two clouds of points. Registers nothing; nothing here is random."""

from functools import lru_cache

import numpy as np
import torch
from torch import Tensor

from gandyn.core.rng import Rng

ROWS = 2048  # rows of a distance matrix at a time: 65,536 samples at once would take 17 GB


@lru_cache(maxsize=16)
def directions(dimension: int, count: int) -> Tensor:
    """`count` fixed unit vectors [dimension, count] in float32, of which x and -x count as the same.

    In the plane they are spread evenly, which integrates a smooth function of the angle exactly; on a line there
    is only one; in more dimensions they are drawn from a fixed seed.
    """
    if dimension == 1:
        return torch.ones(1, 1)
    if dimension == 2:
        angle = (torch.arange(count, dtype=torch.float64) + 0.5) * (torch.pi / count)
        return torch.stack([angle.cos(), angle.sin()]).float()
    drawn = Rng(0).normal("directions", dimension, count).double()
    return (drawn / drawn.norm(dim=0)).float()


def shadows(x: Tensor, count: int) -> np.ndarray:
    """x [n, dim] projected on the fixed directions, each projection sorted: [count, n] in float32."""
    projected = directions(x.shape[1], count).T @ x.T
    return np.sort(projected.numpy(), axis=-1)  # numpy's sort is 30 times faster than torch's


def between_shadows(a: np.ndarray, b: np.ndarray) -> float:
    """The root mean square difference of two sorted projections: sliced Wasserstein-2 of clouds of equal size."""
    difference = a - b
    return float(np.sqrt(np.mean(np.square(difference, out=difference), dtype=np.float64)))


def sliced_wasserstein(x: Tensor, y: Tensor, projections: int = 256) -> float:
    """Sliced Wasserstein-2 of two clouds [n, dim] of the same size, in units of the data.

    The root of the mean over directions of W2^2 on the line, where the optimal plan pairs the sorted points. On a
    line it is W2 itself; in dim dimensions a shift by delta is |delta| / sqrt(dim) away.
    Ref: Bonneel et al. 2015, J. Math. Imaging Vis. 51. Raises ValueError for clouds of different shape.
    """
    if x.shape != y.shape or x.ndim != 2 or not len(x):
        raise ValueError(f"the clouds must be of one shape [n, dim], not {list(x.shape)} and {list(y.shape)}")
    return between_shadows(shadows(x.float(), projections), shadows(y.float(), projections))


def pair_distances(x: Tensor, y: Tensor) -> Tensor:
    """|x_i - y_j| [n, m] of points of one precision, with all of their digits."""
    # The quick way, by products of matrices, loses half of the digits of near points.
    return torch.cdist(x, y, compute_mode="donot_use_mm_for_euclid_dist")


def _total(x: Tensor, y: Tensor) -> float:
    """The sum of |x_i - y_j| over all pairs."""
    return sum(float(pair_distances(rows, y).sum(dtype=torch.float64)) for rows in x.split(ROWS))


def energy_distance(x: Tensor, y: Tensor) -> float | None:
    """2 E|X - Y| - E|X - X'| - E|Y - Y'| of clouds [n, dim] and [m, dim], in units of the data.

    The unbiased estimate: no point is paired with itself, so equal laws give 0 on average and may give less. None
    where a cloud has a single point. Ref: Szekely & Rizzo 2013, J. Stat. Plan. Inference 143.
    """
    n, m = len(x), len(y)
    if min(n, m) < 2:
        return None
    x, y = x.float(), y.float()
    return 2 * _total(x, y) / (n * m) - _total(x, x) / (n * (n - 1)) - _total(y, y) / (m * (m - 1))
