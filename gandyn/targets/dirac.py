"""A single point on the line: the smallest GAN, whose every orbit has a closed form."""

from dataclasses import dataclass

import torch
from torch import Generator, Tensor

from gandyn.core.rng import Rng
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

    def draw(self, n: int, rng: Rng | Generator) -> Tensor:
        return torch.full((n, 1), self.at)


TARGETS.add(Dirac.name, Dirac, rank=7)
