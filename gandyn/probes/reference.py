"""What samples are compared with: fixed draws of the target, the same at every measurement. Registers nothing."""

from collections.abc import Iterator
from functools import lru_cache

import numpy as np
import torch
from torch import Tensor

from gandyn.core.rng import Rng
from gandyn.core.target import Mixture, Target
from gandyn.probes.distances import between_shadows, shadows

REFERENCE = Rng(0, index=1)  # the seed of the reference
RIVALS = tuple(Rng(0, index=2 + i) for i in range(8))  # of the draws of real samples that give sampling floors


@lru_cache(maxsize=16)
def mixture_of(target: Target) -> Mixture | None:
    """The target's mixture, kept for the next who asks; None where it has none."""
    return target.mixture()


@lru_cache(maxsize=16)
def modes_of(target: Target) -> Mixture | None:
    """The target's modes, or None where it has none that samples could be within 3 sigma of."""
    mixture = mixture_of(target)
    return mixture if mixture is not None and float(torch.as_tensor(mixture.sigma).min()) > 0 else None


def largest_remainder(weights: Tensor, n: int) -> Tensor:
    """n shared out by the weights [K], as whole numbers [K] that sum to n: rounded down, the largest rests up."""
    exact = weights * n
    counts = exact.floor().long()
    rest = n - int(counts.sum())
    counts[(exact - counts).argsort(descending=True, stable=True)[:rest]] += 1
    return counts


@lru_cache(maxsize=16)
def reference(target: Target, n: int) -> Tensor:
    """n real samples [n, *x] in float32 from a fixed seed.

    Of a mixture every mode gets its share exactly: the noise of the modes' counts would otherwise be most of any
    distance between two good clouds.
    """
    mixture = mixture_of(target)
    if mixture is None:
        return target.draw(n, REFERENCE)
    counts, sigma = largest_remainder(mixture.weights, n), mixture.sigma
    centres = mixture.centres.float().repeat_interleave(counts, 0)
    if isinstance(sigma, Tensor):
        sigma = sigma.float().repeat_interleave(counts)[:, None]
    return centres + sigma * REFERENCE.normal("reference", *centres.shape)


@lru_cache(maxsize=16)
def reference_shadows(target: Target, n: int, projections: int) -> np.ndarray:
    """The sorted projections [projections, n] of the reference."""
    return shadows(reference(target, n), projections)


def rivals(target: Target, n: int) -> Iterator[Tensor]:
    """Independent draws of n real samples [n, *x] from fixed seeds: what a perfect generator would be judged by."""
    return (target.draw(n, rng) for rng in RIVALS)


@lru_cache(maxsize=64)
def floor(target: Target, n: int, projections: int = 256) -> float:
    """The sliced Wasserstein-2 that n real samples have from the reference: what no generator is expected to beat.

    The mean of independent draws from fixed seeds, so a curve that comes near it is as good as n samples can show.
    """
    held = reference_shadows(target, n, projections)
    return float(np.mean([between_shadows(shadows(x, projections), held) for x in rivals(target, n)]))
