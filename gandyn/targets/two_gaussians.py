"""Two Gaussians: the smallest target on which a generator can choose sides."""

import math
from dataclasses import dataclass

import torch
from torch import Tensor

from gandyn.targets import TARGETS, parameter
from gandyn.targets.mixtures import GaussianMixture


@dataclass(frozen=True)
class TwoGaussians(GaussianMixture):
    """Two Gaussians of standard deviation `sigma`, `distance` apart around the origin; `weight` is the first one's.

    At rotation 0 the first is on the left and the second on the right. With distance 4 and sigma 1 the law of x is
    the one-dimensional mixture +-2, sigma 1 of Berard et al. 2019 (1906.04848).
    """

    name = "two-gaussians"
    summary = "two Gaussians, of equal weight or not"

    distance: float = parameter(2.0, 0, 8, meaning="distance between the centres")
    sigma: float = parameter(0.2, 1e-4, 2, meaning="standard deviation of each Gaussian", log=True)
    weight: float = parameter(0.5, 0, 1, meaning="share of the first Gaussian, the left one at rotation 0")
    rotation: float = parameter(0.0, -360, 360, meaning="turn around the origin, clockwise", unit="degrees")

    def _centres(self) -> Tensor:
        t = math.radians(self.rotation)
        x, y = self.distance / 2 * math.cos(t), -self.distance / 2 * math.sin(t)
        return torch.tensor([[-x, -y], [x, y]], dtype=torch.float64)

    def _weights(self) -> Tensor:
        return torch.tensor([self.weight, 1 - self.weight], dtype=torch.float64)


TARGETS.add(TwoGaussians, rank=6)
