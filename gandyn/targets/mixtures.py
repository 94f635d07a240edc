"""What the targets that are mixtures of Gaussians share. Registers nothing."""

from collections.abc import Sequence
from functools import lru_cache
from typing import Protocol

import torch
from torch import Generator, Tensor

from gandyn.core.rng import Rng, fill, generator_of
from gandyn.core.target import Mixture

SAME = 1e-9  # centres nearer than this are one: the ends of a closed circle differ by rounding


class Mixed(Protocol):
    """A target that is a mixture of Gaussians of one width."""

    @property
    def sigma(self) -> float: ...

    def _centres(self) -> Tensor: ...

    def _weights(self) -> Tensor: ...


@lru_cache(maxsize=8)
def _places(target: Mixed) -> tuple[Tensor, Tensor]:
    """Its centres in float32, and where its components' shares of [0, 1] end: every draw asks for them."""
    edges = target._weights().cumsum(0)
    return target._centres().float(), edges / edges[-1]


def draw_mixture(target: Mixed, n: int, rng: Rng | Generator) -> Tensor:
    """n samples [n, dim] in float32: a component by its weight, then isotropic noise.

    The same uniform numbers pick the components and the same normal ones spread them whatever the parameters are,
    so samples move smoothly with centres and sigma, and few of them change sides as weights drift.
    """
    generator = generator_of(rng, "real")
    picks = torch.rand(n, generator=generator, dtype=torch.float64)
    noise = torch.randn(n, _places(target)[0].shape[1], generator=generator, dtype=torch.float32)
    return _placed(target, picks, noise)


def draw_mixtures(target: Mixed, n: int, rngs: Sequence[Rng]) -> Tensor:
    """[N, n, dim]: the same for each of N places at once."""
    picks = torch.empty(len(rngs), n, dtype=torch.float64)
    noise = torch.empty(len(rngs), n, _places(target)[0].shape[1], dtype=torch.float32)
    fill(rngs, "real", [(picks, "uniform"), (noise, "normal")])
    return _placed(target, picks, noise)


def _placed(target: Mixed, picks: Tensor, noise: Tensor) -> Tensor:
    centres, edges = _places(target)
    component = torch.searchsorted(edges, picks, right=True)  # picks < 1, the last edge: always in range
    return torch.addcmul(centres[component], noise, torch.tensor(target.sigma))


def distinct(centres: Tensor, sigma: float, weights: Tensor) -> Mixture:
    """The mixture with coincident centres counted once, their weights summed, and empty modes left out."""
    apart = torch.cdist(centres, centres, compute_mode="donot_use_mm_for_euclid_dist")
    first = (apart < SAME).int().argmax(1)  # of each centre, the first one at its place
    mass = torch.zeros_like(weights).index_add(0, first, weights)
    kept = mass > 0
    return Mixture(centres[kept], sigma, mass[kept])
