"""Gaussians that are written out one by one: a mixture put together by hand, and moved while a run learns it."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from gandyn.targets import TARGETS, parameter
from gandyn.targets.mixtures import GaussianMixture

MOST = 64  # Gaussians
FAR = 1000.0  # the largest coordinate


@dataclass(frozen=True)
class Gaussians(GaussianMixture):
    """A mixture of K isotropic Gaussians, 1 to 64: centres (x_i, y_i), standard deviations, relative weights."""

    name = "gaussians"
    summary = "Gaussians written out one by one"
    by_hand = True

    x: tuple[float, ...] = parameter(
        (-1.5, 1.5, 0.0), -FAR, FAR, meaning="first coordinates of the centres, with commas between"
    )
    y: tuple[float, ...] = parameter((-0.9, -0.9, 1.6), -FAR, FAR, meaning="second coordinates, as many")
    sigmas: tuple[float, ...] = parameter(
        (0.2,), 1e-4, 100, meaning="standard deviations: one for all, or one a Gaussian"
    )
    weights: tuple[float, ...] = parameter((), 0, 1e6, meaning="relative weights, one a Gaussian; none: all equal")

    def __post_init__(self) -> None:
        super().__post_init__()
        count = len(self.x)
        if not 1 <= count <= MOST or len(self.y) != count:
            raise ValueError(
                f"target.x and target.y must hold equally many numbers, 1 to {MOST}, not {count} and {len(self.y)}"
            )
        if len(self.sigmas) not in (1, count):
            raise ValueError(f"target.sigmas must be 1 number or {count} (as target.x), not {len(self.sigmas)}")
        if self.weights and (len(self.weights) != count or sum(self.weights) <= 0):
            given = ",".join(f"{w:g}" for w in self.weights)
            raise ValueError(f"target.weights must be {count} numbers (as target.x), not all 0, not {given}")

    def _centres(self) -> Tensor:
        return torch.tensor([self.x, self.y], dtype=torch.float64).T.contiguous()

    def _sigma(self) -> float | Tensor:
        if len(set(self.sigmas)) == 1:
            return self.sigmas[0]
        return torch.tensor(self.sigmas, dtype=torch.float64)

    def _weights(self) -> Tensor:
        raw = torch.tensor(self.weights or (1.0,) * len(self.x), dtype=torch.float64)
        return raw / raw.sum()


TARGETS.add(Gaussians, rank=9)
