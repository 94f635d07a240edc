"""What the targets that are mixtures of Gaussians share. Registers nothing."""

import torch
from torch import Generator, Tensor

from gandyn.core.rng import Rng, generator_of
from gandyn.core.target import Mixture

SAME = 1e-9  # centres nearer than this are one: the ends of a closed circle differ by rounding


def draw_mixture(centres: Tensor, sigma: float, weights: Tensor, n: int, rng: Rng | Generator) -> Tensor:
    """n samples [n, *x] in float32: a component by its weight, then isotropic noise."""
    generator = generator_of(rng, "real")
    picks = torch.rand(n, generator=generator, dtype=torch.float64)
    component = torch.searchsorted(weights.cumsum(0), picks, right=True).clamp(max=len(weights) - 1)
    noise = torch.randn(n, centres.shape[1], generator=generator)
    return centres.float()[component] + sigma * noise


def distinct(centres: Tensor, sigma: float, weights: Tensor) -> Mixture:
    """The mixture with coincident centres counted once, their weights summed, and empty modes left out."""
    kept: list[int] = []
    mass: list[Tensor] = []
    for i in range(len(centres)):
        if weights[i] <= 0:
            continue
        near = [k for k, j in enumerate(kept) if float((centres[i] - centres[j]).norm()) < SAME]
        if near:
            mass[near[0]] = mass[near[0]] + weights[i]
        else:
            kept.append(i)
            mass.append(weights[i])
    return Mixture(centres[kept], sigma, torch.stack(mass))
