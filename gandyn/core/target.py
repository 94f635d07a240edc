"""What is to be learned: a frozen dataclass whose fields are its live parameters."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import ClassVar, NamedTuple

import torch
from torch import Generator, Tensor

from gandyn.core.parameters import Parametrised
from gandyn.core.registry import Registry
from gandyn.core.rng import Places, Rng, as_rng


class Mixture(NamedTuple):
    """The modes of a mixture of isotropic Gaussians, in float64: K distinct ones with their summed weights."""

    centres: Tensor  # [K, n]
    sigma: float | Tensor  # the standard deviation of every mode, or [K], that of each
    weights: Tensor  # [K], sums to 1

    def log_density(self, x: Tensor) -> Tensor:
        """ln p(x) in nats for x [B, n]: [B], in float64."""
        x = x.double()
        square = torch.cdist(x, self.centres).square()
        n = x.shape[-1]
        sigma = torch.as_tensor(self.sigma, dtype=torch.float64)
        log_normal = -0.5 * square / sigma**2 - n * (sigma * math.sqrt(2 * math.pi)).log()
        return torch.logsumexp(log_normal + self.weights.log(), -1)


@dataclass(frozen=True)
class Target(Parametrised):
    """Base of all targets. A subclass sets `name`, `summary`, declares its parameters and says how to draw.

    Drawing: `uniforms` and `normals` are how many random numbers of either kind a sample takes, and `samples` says what
    it makes of them, with any leading axes, so that the samples of many steps and lanes are drawn at once.
    """

    kind: ClassVar[str] = "target"
    summary: ClassVar[str]
    by_hand: ClassVar[bool] = False  # it is drawn or moved on the stage, which stands still meanwhile
    uniforms: ClassVar[int] = 0
    normals: ClassVar[int] = 0

    @property
    def shape(self) -> tuple[int, ...]:
        """Of one sample; it may depend on the parameters."""
        return (2,)

    def draw(self, n: int, rng: Rng | Generator) -> Tensor:
        """n samples [n, *shape] in float32 on the CPU, a function of rng alone."""
        return self.draw_at(n, as_rng(rng).places)

    def draw_at(self, n: int, places: Places, device: torch.device | str = "cpu") -> Tensor:
        """n samples at each of many places: [*places, n, *shape] in float32 on the device."""
        uniform = places.uniform("real-uniform", (n, self.uniforms), device)
        normal = places.normal("real-normal", (n, self.normals), device)
        return self.samples(uniform, normal)

    def samples(self, uniform: Tensor, normal: Tensor) -> Tensor:
        """The samples that uniform numbers [..., uniforms] on [0, 1) and normal ones [..., normals] become.

        One sample of each row, on the rows' device: [..., *shape] in float32.
        """
        raise NotImplementedError

    def mixture(self) -> Mixture | None:
        """The modes, for targets that are mixtures of Gaussians; else None."""
        return None

    def batches_walked(self, of_critic: int, of_step: int) -> int:
        """How many batches a step takes from data that are walked in order, of all `of_step` of it: the critic's."""
        return of_critic

    def provenance(self) -> dict[str, str]:
        """Which data these are, where they come from files: what a run has to record. Empty for the others."""
        return {}


TARGETS: Registry[type[Target]] = Registry("target", "gandyn.targets")
