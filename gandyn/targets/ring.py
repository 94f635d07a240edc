"""A ring of Gaussians, the classic of mode collapse."""

import math
from dataclasses import dataclass

import torch
from torch import Tensor

from gandyn.targets import TARGETS, parameter
from gandyn.targets.mixtures import GaussianMixture


@dataclass(frozen=True)
class Ring(GaussianMixture):
    """`modes` Gaussians of standard deviation `sigma` on a circle: centres (r sin t, r cos t), t = 2 pi i / modes.

    closed: the notebook's slip, t = linspace(0, 2 pi, modes) with both ends, so that two centres coincide.

    Published settings, in data units:
      Metz et al. 2017 (1611.02163), appendix A: modes 8, radius 2, sigma 0.02; the notebook beside it: radius 1,
      sigma 0.01, closed 1. VEEGAN, PacGAN, ConOpt (Lin et al. 2018, 1712.04086): radius 1, sigma 0.01. WGAN-GP's toy
      code (Gulrajani et al. 2017, 1704.00028): radius 2 / 1.414, sigma 0.02 / 1.414. PresGAN (Dieng et al. 2019,
      1910.04302): modes 10, radius 3, sigma 0.05.
    """

    name = "ring"
    summary = "Gaussians on a circle"

    modes: int = parameter(8, 1, 64, meaning="number of Gaussians")
    radius: float = parameter(2.0, 0, 4, meaning="radius of the circle")
    sigma: float = parameter(0.15, 1e-4, 2, meaning="standard deviation of each Gaussian", log=True)
    rotation: float = parameter(0.0, -360, 360, meaning="turn of the circle, clockwise", unit="degrees")
    weights: tuple[float, ...] = parameter((), 0, 1e6, meaning="relative weights, with commas between; none: all equal")
    closed: int = parameter(0, 0, 1, meaning="1: both ends of the circle are taken, so that two centres coincide")

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.weights and (len(self.weights) != self.modes or sum(self.weights) <= 0):
            given = ",".join(f"{w:g}" for w in self.weights)
            raise ValueError(f"target.weights must be {self.modes} numbers (target.modes), not all 0, not {given}")

    def _centres(self) -> Tensor:
        """All of them [modes, 2], clockwise from the top; a closed ring's last is its first again."""
        last = max(self.modes - 1, 1) if self.closed else self.modes
        t = torch.arange(self.modes, dtype=torch.float64) * (2 * math.pi / last) + math.radians(self.rotation)
        return self.radius * torch.stack([t.sin(), t.cos()], 1)

    def _weights(self) -> Tensor:
        raw = torch.tensor(self.weights or (1.0,) * self.modes, dtype=torch.float64)
        return raw / raw.sum()


TARGETS.add(Ring, rank=0)
