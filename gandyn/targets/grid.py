"""A square grid of Gaussians: many modes, some of them far from all edges."""

from dataclasses import dataclass

import torch
from torch import Tensor

from gandyn.targets import TARGETS, parameter
from gandyn.targets.mixtures import GaussianMixture


@dataclass(frozen=True)
class Grid(GaussianMixture):
    """side x side Gaussians of standard deviation `sigma`, equally spaced on [-extent, extent]^2, row by row.

    Published settings, in data units: VEEGAN and PacGAN (Srivastava et al. 2017, 1705.07761; Lin et al. 2018,
    1712.04086): side 5, extent 4, sigma 0.05. WGAN-GP's toy code (Gulrajani et al. 2017, 1704.00028): side 5,
    extent 4 / 2.828, sigma 0.05 / 2.828.
    """

    name = "grid"
    summary = "Gaussians on a square grid"

    side: int = parameter(5, 1, 8, meaning="Gaussians along each side")
    extent: float = parameter(2.0, 0, 4, meaning="the outermost centres are at plus and minus it")
    sigma: float = parameter(0.1, 1e-4, 2, meaning="standard deviation of each Gaussian", log=True)

    def _centres(self) -> Tensor:
        """[side^2, 2]; a single one is at the origin."""
        if self.side == 1:
            return torch.zeros(1, 2, dtype=torch.float64)
        line = torch.linspace(-self.extent, self.extent, self.side, dtype=torch.float64)
        return torch.cartesian_prod(line, line).flip(1)

    def _weights(self) -> Tensor:
        return torch.full((self.side**2,), 1 / self.side**2, dtype=torch.float64)


TARGETS.add(Grid, rank=1)
