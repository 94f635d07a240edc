"""What the targets that are mixtures of Gaussians share. Registers nothing."""

from __future__ import annotations

from functools import lru_cache

import torch
from torch import Tensor

from gandyn.core.target import Mixture, Target

SAME = 1e-9  # centres nearer than this are one: the ends of a closed circle differ by rounding


class GaussianMixture(Target):
    """A mixture of Gaussians in the plane. A subclass says its centres and weights, and `sigma` or `_sigma`.

    The same uniform numbers pick the components and the same normal ones spread them whatever the parameters are,
    so samples move smoothly with centres and sigma, and few of them change sides as weights drift.
    """

    uniforms, normals = 1, 2
    sigma: float

    def _sigma(self) -> float | Tensor:
        """The standard deviation of all components, or [K] in float64 that of each."""
        return self.sigma

    def _centres(self) -> Tensor:
        """[K, 2] in float64."""
        raise NotImplementedError

    def _weights(self) -> Tensor:
        """[K] in float64."""
        raise NotImplementedError

    def samples(self, uniform: Tensor, normal: Tensor) -> Tensor:
        """A component by its weight, then isotropic noise."""
        centres, sigma, edges = _components(self, uniform.device)
        u = uniform[..., 0].flatten()
        if edges is None:
            component = (u * len(centres)).to(torch.int32)  # below K: u is at most 1 - 2^-24
        else:
            component = torch.searchsorted(edges, u, right=True, out_int32=True)  # below 1, the last edge
        places = centres.index_select(0, component).reshape(normal.shape)
        if isinstance(sigma, Tensor):
            return torch.addcmul(places, sigma.index_select(0, component).reshape(*normal.shape[:-1], 1), normal)
        return torch.add(places, normal, alpha=sigma)

    def mixture(self) -> Mixture:
        """The modes."""
        return distinct(self._centres(), self._sigma(), self._weights())


@lru_cache(maxsize=8)
def _components(target: GaussianMixture, device: torch.device) -> tuple[Tensor, float | Tensor, Tensor | None]:
    """The centres and sigmas in float32, and where their components' shares of [0, 1] end; None where all are equal."""
    centres, sigma, weights = target._centres().to(device, torch.float32), target._sigma(), target._weights()
    sigma = sigma.to(device, torch.float32) if isinstance(sigma, Tensor) else sigma
    if bool((weights == weights[0]).all()) and len(weights) < 2**20:
        return centres, sigma, None
    edges = weights.cumsum(0)
    return centres, sigma, (edges / edges[-1]).to(device, torch.float32)


def distinct(centres: Tensor, sigma: float | Tensor, weights: Tensor) -> Mixture:
    """The mixture with modes of one centre and sigma counted once, their weights summed, and empty modes left out."""
    same = torch.cdist(centres, centres, compute_mode="donot_use_mm_for_euclid_dist") < SAME
    if isinstance(sigma, Tensor):
        same &= sigma[:, None] == sigma
    first = same.int().argmax(1)  # of each mode, the first one that is the same
    mass = torch.zeros_like(weights).index_add(0, first, weights)
    kept = mass > 0
    return Mixture(centres[kept], sigma[kept] if isinstance(sigma, Tensor) else sigma, mass[kept])
