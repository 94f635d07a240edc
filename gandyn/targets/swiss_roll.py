"""The Swiss roll, seen from its side: one long thin curve whose ends are far apart along it and near in the plane."""

import math
from dataclasses import dataclass

import torch
from torch import Tensor

from gandyn.targets import TARGETS, Target, parameter


@dataclass(frozen=True)
class SwissRoll(Target):
    """((t cos t, t sin t) + noise N(0, I)) / divisor with t = 1.5 pi + 2 pi turns u, u uniform on [0, 1).

    With the defaults t = 1.5 pi (1 + 2 u), the roll of scikit-learn's make_swiss_roll without its depth, and noise
    0.25, divisor 7.5 as in WGAN-GP's toy code (Gulrajani et al. 2017, 1704.00028): its outer end is at 1.9.
    """

    name = "swiss-roll"
    summary = "a rolled-up curve, thicker than it looks from inside"

    uniforms, normals = 1, 2

    noise: float = parameter(0.25, 1e-4, 4, meaning="standard deviation of the noise, before the division", log=True)
    turns: float = parameter(1.5, 0.25, 3, meaning="how often the curve goes around")
    divisor: float = parameter(7.5, 6, 100, meaning="the roll, of radius 14.1 at 1.5 turns, is divided by it", log=True)

    def samples(self, uniform: Tensor, normal: Tensor) -> Tensor:
        t = 1.5 * math.pi + 2 * math.pi * self.turns * uniform
        curve = t * torch.cat([t.cos(), t.sin()], -1)
        return (curve + self.noise * normal) / self.divisor


TARGETS.add(SwissRoll, rank=2)
