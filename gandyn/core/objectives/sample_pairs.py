"""Losses of pairs of samples, without a critic: what they have in common. Registers nothing.

Samples are [..., B, n], one lane's beside another's, so no pair has samples of two lanes.
"""

from torch import Tensor, where


def no_loss(real: Tensor, fake: Tensor) -> Tensor:
    """0 of logits [..., B], whatever they are: the critic, which does not play, stays where it is."""
    return 0 * (real.mean(-1) + fake.mean(-1))


def squared_distances(x: Tensor, y: Tensor) -> Tensor:
    """|x_i - y_j|^2: [..., B, B], from differences, which keep their digits where samples are near."""
    return (x[..., :, None, :] - y[..., None, :, :]).square().sum(-1)


def distances(x: Tensor, y: Tensor) -> Tensor:
    """|x_i - y_j|: [..., B, B]; with derivative 0 where two samples coincide."""
    squared = squared_distances(x, y)
    apart = squared > 0
    return where(apart, where(apart, squared, 1.0).sqrt(), 0.0)


def mean_of_pairs(values: Tensor) -> Tensor:
    """The mean [...] over all pairs of values [..., B, B]."""
    return values.mean((-2, -1))


def mean_of_different(values: Tensor) -> Tensor:
    """The mean [...] over the pairs i != j of values [..., B, B], a U-statistic; 0 of a single sample."""
    n = values.shape[-1]
    return (values.sum((-2, -1)) - values.diagonal(dim1=-2, dim2=-1).sum(-1)) / (n * max(n - 1, 1))
