"""Two interlocking half circles: two curved modes that no straight line parts."""

import math
from dataclasses import dataclass

import torch
from torch import Tensor

from gandyn.targets import TARGETS, Target, parameter


@dataclass(frozen=True)
class TwoMoons(Target):
    """Half circles (cos t, sin t) and (1 - cos t, overlap - sin t), t uniform on [0, pi), centred, times `size`.

    Each has half of the samples; N(0, noise^2) is added after the scaling. With overlap 0.5 these are scikit-learn's
    make_moons, around the origin: its (0.5, 0.25) is subtracted and its noise s is noise / size here.
    """

    name = "two-moons"
    summary = "two interlocking half circles"

    uniforms, normals = 1, 2

    size: float = parameter(1.5, 0.1, 2.4, meaning="radius of the half circles")
    overlap: float = parameter(0.5, -1, 1.5, meaning="how far each tip reaches into the other half circle, in radii")
    noise: float = parameter(0.1, 1e-4, 1, meaning="standard deviation of the noise", log=True)

    def samples(self, uniform: Tensor, normal: Tensor) -> Tensor:
        u = 2 * math.pi * uniform  # [0, pi): the upper moon, [pi, 2 pi): the lower one
        side = torch.where(u < math.pi, 1.0, -1.0)
        # Seen from the middle, the upper moon is shifted to the left and the lower one is its mirror image.
        x, y = u.cos() - 0.5 * side, u.sin() - 0.5 * self.overlap * side
        return self.size * torch.cat([x, y], -1) + self.noise * normal


TARGETS.add(TwoMoons, rank=3)
