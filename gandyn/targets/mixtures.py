"""What the targets that are mixtures of Gaussians share. Registers nothing."""

from functools import lru_cache

import torch
from torch import Tensor

from gandyn.core.target import Mixture, Target

SAME = 1e-9  # centres nearer than this are one: the ends of a closed circle differ by rounding


class GaussianMixture(Target):
    """A mixture of Gaussians in the plane. A subclass declares `sigma` and says its centres and weights.

    The same uniform numbers pick the components and the same normal ones spread them whatever the parameters are,
    so samples move smoothly with centres and sigma, and few of them change sides as weights drift.
    """

    uniforms, normals = 1, 2
    sigma: float

    def _centres(self) -> Tensor:
        """[K, 2] in float64."""
        raise NotImplementedError

    def _weights(self) -> Tensor:
        """[K] in float64."""
        raise NotImplementedError

    def samples(self, uniform: Tensor, normal: Tensor) -> Tensor:
        """A component by its weight, then isotropic noise."""
        centres, edges = _components(self, uniform.device)
        component = torch.searchsorted(edges, uniform[..., 0], right=True)  # below 1, the last edge: always in range
        return centres.index_select(0, component.flatten()).reshape(normal.shape) + self.sigma * normal

    def mixture(self) -> Mixture:
        """The modes."""
        return distinct(self._centres(), self.sigma, self._weights())


@lru_cache(maxsize=8)
def _components(target: GaussianMixture, device: torch.device) -> tuple[Tensor, Tensor]:
    """The centres in float32, and where their components' shares of [0, 1] end: every draw asks for them."""
    edges = target._weights().cumsum(0)
    return target._centres().to(device, torch.float32), (edges / edges[-1]).to(device, torch.float32)


def distinct(centres: Tensor, sigma: float, weights: Tensor) -> Mixture:
    """The mixture with coincident centres counted once, their weights summed, and empty modes left out."""
    apart = torch.cdist(centres, centres, compute_mode="donot_use_mm_for_euclid_dist")
    first = (apart < SAME).int().argmax(1)  # of each centre, the first one at its place
    mass = torch.zeros_like(weights).index_add(0, first, weights)
    kept = mass > 0
    return Mixture(centres[kept], sigma, mass[kept])
