"""The Frechet distance of two sets of features, as if each were Gaussian."""

from typing import NamedTuple

import torch
from torch import Tensor


class Moments(NamedTuple):
    """Mean and covariance of a set of features, in float64."""

    mean: Tensor  # [d]
    covariance: Tensor  # [d, d], with n - 1 below


def moments(features: Tensor) -> Moments:
    """The moments of features [n, d], n > 1; ValueError for fewer."""
    if features.ndim != 2 or len(features) < 2:
        raise ValueError(f"a covariance needs features [n, d] of at least 2 samples, not {list(features.shape)}")
    x = features.double()
    return Moments(x.mean(0), x.T.cov().reshape(x.shape[1], x.shape[1]))


def frechet(a: Moments, b: Moments) -> float:
    """|m_a - m_b|^2 + tr(S_a + S_b - 2 (S_a S_b)^(1/2)), in squared units of the features; 0 is best.

    The trace of the root is the sum of the roots of the eigenvalues of S_a S_b, which are those of the symmetric
    S_a^(1/2) S_b S_a^(1/2). Biased upwards by about 1/n: compare only at equal n.
    Ref: Dowson and Landau 1982, J. Multivariate Analysis 12(3); for generated images Heusel et al. 2017 (1706.08500).
    """
    values, vectors = torch.linalg.eigh(a.covariance)
    root = vectors * values.clamp(min=0).sqrt() @ vectors.T
    overlap = torch.linalg.eigvalsh(root @ b.covariance @ root).clamp(min=0).sqrt().sum()
    spread = a.covariance.trace() + b.covariance.trace() - 2 * overlap
    return max(0.0, float((a.mean - b.mean).square().sum() + spread))
