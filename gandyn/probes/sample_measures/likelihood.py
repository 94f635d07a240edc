"""Measures that know the target's density: likelihood of the samples, and shares of cells of a grid."""

import math

import torch
from torch import Tensor

from gandyn.core.target import Mixture, Target
from gandyn.probes.reference import mixture_of, reference
from gandyn.probes.sample_measures import MEASURES, Measure, Samples
from gandyn.probes.window import cells_of, half_width

CELLS = 30  # a side
DRAWN = 100_000  # real samples that stand for a law without a density


def log_likelihood(samples: Samples) -> float | None:
    """E ln p(x) in nats, p the target's density; None where it is below what a float holds."""
    mixture = samples.mixture
    if mixture is None:
        return None
    mean = float(mixture.log_density(samples.x).mean())
    return mean if math.isfinite(mean) else None


def real_shares(target: Target) -> Tensor:
    """The shares of the target in the cells, [CELLS^dim + 1] in float64: exact for mixtures; the last is outside."""
    mixture, window = mixture_of(target), half_width(target)
    if mixture is None or float(torch.as_tensor(mixture.sigma).min()) <= 0:
        return _shares(reference(target, DRAWN).double(), window)
    edges = torch.linspace(-window, window, CELLS + 1, dtype=torch.float64)
    inside = _in_cells(mixture, edges)
    return torch.cat([inside, (1 - inside.sum()).clamp(min=0)[None]])


def _in_cells(mixture: Mixture, edges: Tensor) -> Tensor:
    """The mixture's share of each cell: of isotropic Gaussians a product over the axes."""
    sigma = torch.as_tensor(mixture.sigma, dtype=torch.float64).expand(len(mixture.weights))
    below = torch.special.ndtr((edges - mixture.centres[..., None]) / sigma[:, None, None])  # [K, dim, CELLS + 1]
    along = below.diff(dim=-1)
    each = along[:, 0] if along.shape[1] == 1 else (along[:, 0, :, None] * along[:, 1, None, :]).flatten(1)
    return mixture.weights @ each


def _counts(x: Tensor, window: float) -> Tensor:
    """How many samples [n, dim] are in each cell; the last is outside."""
    return cells_of(x, window, CELLS).bincount(minlength=CELLS ** x.shape[1] + 1)


def _shares(x: Tensor, window: float) -> Tensor:
    return _counts(x, window).double() / len(x)


def kl_grid(samples: Samples) -> float:
    """KL(p || q) in nats of the cells' shares, q of the samples with half a sample more in every cell."""
    p, counts = real_shares(samples.target), _counts(samples.x, half_width(samples.target)).double()
    q = (counts + 0.5) / (counts + 0.5).sum()
    return float(torch.special.xlogy(p, p / q).sum())


def js_grid(samples: Samples) -> float:
    """The Jensen-Shannon divergence of the cells' shares in nats, at most ln 2."""
    p, q = real_shares(samples.target), _shares(samples.x, half_width(samples.target))
    middle = (p + q) / 2
    there = middle > 0
    p, q, middle = p[there], q[there], middle[there]
    return max(0.0, float((torch.special.xlogy(p, p / middle) + torch.special.xlogy(q, q / middle)).sum() / 2))


MEASURES.add(
    Measure(
        "log_likelihood", "log-likelihood", log_likelihood, "{:.3f}",
        "higher is not always better: a perfect generator gets minus the entropy, one mode as much or more; nats",
        "E ln p(x), p the target's density, over all samples",
        "Lin et al. 2018 (1712.04086), section 4.1",
        modes=True,
        worse=-1,
        signed=True,
    ),
    rank=10,
)  # fmt: skip
MEASURES.add(
    Measure(
        "kl_grid", "KL on a grid", kl_grid, "{:.4f}", "lower is better, nats; what is missing costs most",
        f"sum p ln (p / q) over {CELLS} cells a side of the window and one for the outside; p exact where the target "
        "is a mixture, q the samples' shares with half a sample more in every cell: compare at equal n",
        "Cover & Thomas 2006, section 2.3",
    ),
    rank=11,
)  # fmt: skip
MEASURES.add(
    Measure(
        "js_grid", "JS on a grid", js_grid, "{:.4f}", "lower is better, nats, at most ln 2 = 0.693",
        "(KL(p || m) + KL(q || m)) / 2, m = (p + q) / 2, of the same cells, q the samples' shares as they are",
        "Lin 1991, IEEE Trans. Information Theory 37(1)",
    ),
    rank=12,
)  # fmt: skip
