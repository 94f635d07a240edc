"""Measures by nearest neighbours: a two-sample test, precision, recall, density and coverage."""

import torch
from torch import Tensor

from gandyn.probes.manifold import distances, on_grid
from gandyn.probes.sample_measures import MEASURES, Measure, Samples


def nn_accuracy(samples: Samples) -> float | None:
    """How often the nearest other point is of one's own kind, samples and real ones together; None for one sample."""
    x, real = samples.points()
    return None if len(x) < 2 else accuracy(x, real)


def accuracy(x: Tensor, y: Tensor) -> float:
    """Leave-one-out accuracy of the nearest neighbour, clouds [n, dim] and [m, dim]; of points equally near a share."""
    both = torch.cat(on_grid(y, x))
    kind = torch.cat([torch.ones(len(y)), torch.zeros(len(x))]).bool()
    right, start = 0.0, 0
    for piece in distances(both, both):
        rows = torch.arange(start, start + len(piece))
        piece[torch.arange(len(piece)), rows] = torch.inf
        nearest = piece == piece.amin(1, keepdim=True)
        own = nearest & (kind[rows, None] == kind[None])
        right += float((own.sum(1) / nearest.sum(1)).sum())
        start += len(piece)
    return right / len(both)


MEASURES.add(
    Measure(
        "nn_accuracy", "1-NN accuracy", nn_accuracy, "{:.1%}", "50 % is best, 100 % where both kinds lie apart",
        "how often the nearest other point is of one's own kind, samples and real ones together; n = 2,000 at most",
        "Lopez-Paz & Oquab 2017 (1610.06545), section 3",
    ),
    rank=20,
)  # fmt: skip
_KINDS = {
    "precision": ("precision", "{:.1%}", "higher is better, samples that lie among the real ones (k = 3)"),
    "recall": ("recall", "{:.1%}", "higher is better, real ones that lie among the samples (k = 3)"),
    "density": (
        "density",
        "{:.3f}",
        "higher is better, how deep samples lie among real ones (k = 5), 1 for real samples",
    ),
    "coverage": (
        "coverage",
        "{:.1%}",
        "higher is better, real ones with a sample nearby (k = 5), 96.9 % on average for real samples",
    ),
}
for rank, (name, (title, form, better)) in enumerate(_KINDS.items(), start=21):
    MEASURES.add(
        Measure(
            name, title, lambda samples, name=name: samples.manifold.get(name), form, better,
            "within the reach of k-th nearest neighbours, see gandyn.probes.manifold; n = 2,000 of each at most",
            "Kynkaanniemi et al. 2019 (1904.06991); Naeem et al. 2020 (2002.09797)",
            worse=-1,
        ),
        rank=rank,
    )  # fmt: skip
