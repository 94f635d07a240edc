"""Spiral arms: modes that are curves, and that are everywhere near each other."""

import math
from dataclasses import dataclass

import torch
from torch import Tensor

from gandyn.targets import TARGETS, Target, parameter


@dataclass(frozen=True)
class Spiral(Target):
    """`arms` Archimedean spirals from the origin to `radius`, each going around `turns` times, and N(0, noise^2).

    A sample is at the share sqrt(u) of its arm's turns and of its radius, u uniform on [0, 1), as in the "2spirals"
    of Grathwohl et al. 2018 (1810.01367, FFJORD): arms 2, turns 1.5, radius pi, noise 0.1, but for the uniform
    jitter that it adds.
    """

    name = "spiral"
    summary = "spiral arms around the origin"

    uniforms, normals = 2, 2

    arms: int = parameter(2, 1, 8, meaning="number of arms, equally many samples each")
    turns: float = parameter(1.0, 0, 3, meaning="how often each arm goes around")
    radius: float = parameter(2.0, 0, 4, meaning="distance of the arms' ends from the origin")
    noise: float = parameter(0.08, 1e-4, 1, meaning="standard deviation of the noise", log=True)
    rotation: float = parameter(0.0, -360, 360, meaning="turn around the origin, clockwise", unit="degrees")

    def samples(self, uniform: Tensor, normal: Tensor) -> Tensor:
        place = uniform[..., 0].sqrt()
        arm = (uniform[..., 1] * self.arms).floor()
        angle = 2 * math.pi * (self.turns * place + arm / self.arms) - math.radians(self.rotation)
        curve = self.radius * place[..., None] * torch.stack([angle.cos(), angle.sin()], -1)
        return curve + self.noise * normal


TARGETS.add(Spiral, rank=4)
