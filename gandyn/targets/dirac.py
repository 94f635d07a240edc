"""A single point on the line: the smallest GAN, whose every orbit has a closed form."""

from dataclasses import dataclass

import torch
from torch import Tensor

from gandyn.targets import TARGETS, Target, parameter


@dataclass(frozen=True)
class Dirac(Target):
    """Every sample is the number `at`. Ref: Mescheder et al. 2018 (1801.04406), section 2."""

    name = "dirac"
    summary = "a single point on the line"

    at: float = parameter(0.0, -4, 4, meaning="where all samples are")

    @property
    def shape(self) -> tuple[int, ...]:
        return (1,)

    def samples(self, uniform: Tensor, normal: Tensor) -> Tensor:
        return torch.full((*normal.shape[:-1], 1), self.at, device=normal.device)


TARGETS.add(Dirac, rank=7)
