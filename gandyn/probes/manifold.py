"""Precision, recall, density and coverage: what of one cloud lies within the reach of another's points.

The reach of a point is the distance to its k-th nearest neighbour in its own cloud. Distances are Euclidean.
Ref: Kynkaanniemi et al. 2019 (1904.06991), with k = 3, and Naeem et al. 2020 (2002.09797), with k = 5. Within is
nearer than the reach, as in the code of the latter; the former's counts what is exactly at the reach, too.

Where a fake is a copy of a real point its distances from the others are ties with their reaches, which rounding would
break either way. So features are rounded to a grid, once, on which squared distances have no rounding at all.
"""

import math
from collections.abc import Iterator

import torch
from torch import Tensor

PRECISION_K = 3
DENSITY_K = 5
FEW = 2  # dimensions of a line and of the plane
FAR = 1e150  # in units of the grid; squares of it are finite
PIECE = 1000  # rows of a distance matrix at a time: 40 MB against 5,000 points


def manifold(real: Tensor, fake: Tensor) -> dict[str, float]:
    """precision, recall, density and coverage of features real [n, d] and fake [m, d].

      precision  share of the fakes within the reach (k = 3) of any real point
      recall     share of the reals within the reach (k = 3) of any fake point
      density    reals within whose reach (k = 5) a fake lies, on average over the fakes, divided by k: may exceed 1
      coverage   share of the reals within whose reach (k = 5) any fake lies
    For two draws of one law density is 1 on average, coverage about 1 - 2^-5 = 0.969. Raises ValueError for a cloud of
    fewer than 6 points.
    """
    if min(len(real), len(fake)) <= DENSITY_K:
        raise ValueError(f"each cloud needs more than {DENSITY_K} points, not {len(real)} and {len(fake)}")
    real, fake = on_grid(real, fake)
    near, wide = reach(real, PRECISION_K, DENSITY_K)
    nearest = torch.full((len(real),), torch.inf, dtype=torch.float64)
    inside, pairs = 0, 0
    for d in distances(fake, real):
        inside += int((d < near).any(1).sum())
        pairs += int((d < wide).sum())
        nearest = torch.minimum(nearest, d.amin(0))
    (of_fake,) = reach(fake, PRECISION_K)
    reached = sum(int((d < of_fake).any(1).sum()) for d in distances(real, fake))
    return {
        "precision": inside / len(fake),
        "recall": reached / len(real),
        "density": pairs / (DENSITY_K * len(fake)),
        "coverage": float((nearest < wide).double().mean()),
    }


def on_grid(real: Tensor, fake: Tensor) -> list[Tensor]:
    """Both clouds [n, d] in a common unit, a power of two, rounded to whole numbers of b bits, as float64.

    b is the largest for which a squared distance, at most d (2 * 2^b)^2, is below 2^53 and so exact: 22 for d = 128,
    which moves a feature by at most 2^-22 of the largest one. On a line and in the plane the largest one is that of the
    real points, so that a single fake far away does not coarsen the grid: the fakes beyond have more bits, and those
    beyond FAR units are put there.
    """
    few = real.shape[1] <= FEW
    largest = max(float(cloud.abs().max()) for cloud in ((real,) if few else (real, fake)))
    bits = (51 - math.ceil(math.log2(real.shape[1]))) // 2
    unit = 2.0 ** (math.frexp(largest)[1] - bits)
    return [(cloud.double() / unit).round().clamp(-FAR, FAR) for cloud in (real, fake)]


def distances(x: Tensor, y: Tensor) -> Iterator[Tensor]:
    """Pieces [<= PIECE, m] of the squared distances of x [n, d] from y [m, d]: exact for points of `on_grid`.

    Of few dimensions from differences, which lose no digits where both points are far away.
    """
    if x.shape[1] <= FEW:
        for rows in x.split(PIECE):
            yield torch.stack([(a[:, None] - b).square() for a, b in zip(rows.T, y.T, strict=True)]).sum(0)
        return
    of_y = y.square().sum(1)
    for rows in x.split(PIECE):
        yield rows.square().sum(1, keepdim=True) + of_y - 2 * rows @ y.T


def reach(x: Tensor, *ks: int) -> Tensor:
    """[len(ks), n]: for each k the squared distance of every point of x [n, d] from the k-th nearest of the others."""
    near = torch.cat([d.topk(max(ks) + 1, largest=False).values for d in distances(x, x)])
    return near[:, list(ks)].T  # column 0 is the point itself
