"""Distances of two laws by means over pairs: energy distance and maximum mean discrepancy."""

import torch
from torch import Tensor

from gandyn.probes.distances import energy_distance, pair_distances
from gandyn.probes.sample_measures import MEASURES, Measure, Samples

WIDTHS = (0.25, 0.5, 1.0, 2.0, 4.0)  # of the kernels, in median distances of real samples


def energy(samples: Samples) -> float | None:
    """The energy distance in units of the data, of all samples; None for a single one."""
    value = energy_distance(*samples.clouds(len(samples.x)))
    return None if value is None else samples.unit * value


def mmd2(samples: Samples) -> float | None:
    """The squared maximum mean discrepancy, unbiased; None for a single sample."""
    x, real = samples.points()
    return None if len(x) < 2 else squared_mmd(x, real, WIDTHS)


def squared_mmd(x: Tensor, y: Tensor, widths: tuple[float, ...]) -> float:
    """E k(x, x') + E k(y, y') - 2 E k(x, y) of clouds [n, dim] and [m, dim], without pairs of a point with itself.

    k is the mean of Gaussian kernels exp(-|x - y|^2 / (2 s^2)), s being `widths` times the median distance within y.
    """
    x, y = x.double(), y.double()
    within = pair_distances(y, y)
    median = float(within[~torch.eye(len(y), dtype=torch.bool)].median())
    scales = [width * (median or 1.0) for width in widths]  # half of the real points at one place: in units of the data

    def kernel(distance: Tensor) -> Tensor:
        return sum((torch.exp(-0.5 * (distance / s).square()) for s in scales), torch.zeros_like(distance)) / len(
            scales
        )

    def apart(distance: Tensor) -> float:
        n = len(distance)
        return float((kernel(distance).sum() - n) / (n * (n - 1)))  # k(x, x) = 1

    return apart(pair_distances(x, x)) + apart(within) - 2 * float(kernel(pair_distances(x, y)).mean())


MEASURES.add(
    Measure(
        "energy", "energy distance", energy, "{:.4f}", "lower is better, 0 for real samples, units of the data",
        "2 E|X - Y| - E|X - X'| - E|Y - Y'|, unbiased, of all samples",
        "Szekely & Rizzo 2013, J. Stat. Plan. Inference 143",
        signed=True,
    ),
    rank=2,
)  # fmt: skip
MEASURES.add(
    Measure(
        "mmd2", "squared MMD", mmd2, "{:.5f}", "lower is better, 0 on average for real samples",
        "E k(X, X') + E k(Y, Y') - 2 E k(X, Y), unbiased; k is the mean of five Gaussian kernels whose widths are 1/4 "
        "to 4 times the median distance of real samples; n = 2,000 at most",
        "Gretton et al. 2012, JMLR 13, lemma 6",
        signed=True,
    ),
    rank=3,
)  # fmt: skip
