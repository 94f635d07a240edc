"""Points of one's own: those of a file, or those that were drawn or pasted and travel as a short text."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
import torch
from torch import Tensor

from gandyn.core.rng import Places
from gandyn.targets import TARGETS, Target, parameter, point_files, point_text

EXAMPLE = 240  # points of the drawing that stands for none


@dataclass(frozen=True)
class Points(Target):
    """An empirical distribution: each sample is one of n points, drawn with replacement, plus N(0, sigma^2).

    The points are those of `file` (see gandyn.targets.point_files), known by its `sha256`, which is written down when
    the file is first read; or those of the text `points` (see gandyn.targets.point_text); with neither, a drawing that
    comes with gandyn. To name a file takes the place of a text, and the other way round.

    scale: standard, the points are moved and scaled so that their mean is 0 and the larger standard deviation 1.
    """

    name = "points"
    summary = "points of one's own: drawn, pasted, or from a file"
    by_hand = True

    file: str = parameter("", meaning="a CSV or NPY file of two columns, x and y, at most 1,000,000 rows")
    sha256: str = parameter("", meaning="of that file: another one is refused; none: it is written down")
    points: str = parameter("", meaning="up to 4,000 points as a text, as the page's own data writes them")
    scale: str = parameter(
        "plain", choices=("plain", "standard"), meaning="standard: mean 0, the larger standard deviation 1"
    )
    sigma: float = parameter(0.0, 0, 2, meaning="standard deviation of Gaussian noise that is added to every sample")

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.file and self.points:
            raise ValueError("target.file and target.points are both given: which one? leave the other one out")
        if self.sha256 and not self.file:
            raise ValueError("target.sha256 is that of a file: name it as target.file")
        sha256 = ""
        if self.file:
            places, sha256 = point_files.load(self.file, self.sha256)
        elif self.points:
            places = torch.from_numpy(point_text.decode(self.points)).float()
        else:
            places = example()
        object.__setattr__(self, "sha256", sha256)
        object.__setattr__(self, "_plain", places)  # no file is read after this

    def replace(self, /, **parameters: Any) -> Target:
        """The same target with other parameters; a file takes the place of a text, and the other way round."""
        if parameters.get("file"):
            parameters = {"points": "", "sha256": "", **parameters}
        elif parameters.get("points") or parameters.get("file") == "":
            parameters = {"file": "", "sha256": "", **parameters}
        return super().replace(**parameters)

    @property
    def places(self) -> Tensor:
        """The points [n, 2] in float32, scaled."""
        return _scaled(self)

    def draw_at(self, n: int, places: Places, device: torch.device | str = "cpu") -> Tensor:
        points = _on(self, torch.device(device))
        drawn = points[places.integers("real-index", (n,), len(points), device)]
        return drawn.add_(places.normal("real-normal", (n, 2), device), alpha=self.sigma) if self.sigma else drawn

    def provenance(self) -> dict[str, str]:
        return {"points": self.file, "sha256": self.sha256} if self.file else {}


@lru_cache(maxsize=8)
def _scaled(target: Points) -> Tensor:
    plain: Tensor = target._plain  # type: ignore[attr-defined]  # set at construction, no field
    if target.scale == "plain":
        return plain
    exact = plain.double()
    spread = float(exact.std(0, correction=0).max())
    return ((exact - exact.mean(0)) / (spread or 1.0)).float()


@lru_cache(maxsize=8)
def _on(target: Points, device: torch.device) -> Tensor:
    return _scaled(target).to(device)


@lru_cache(maxsize=1)
def example() -> Tensor:
    """A heart: the curve 16 sin^3 t, 13 cos t - 5 cos 2t - 2 cos 3t - cos 4t, 1.6 wide on each side."""
    t = np.arange(EXAMPLE) * (2 * math.pi / EXAMPLE)
    x, y = 16 * np.sin(t) ** 3, 13 * np.cos(t) - 5 * np.cos(2 * t) - 2 * np.cos(3 * t) - np.cos(4 * t)
    return torch.from_numpy(np.stack([x, y + 2.5], 1) / 10).float()


TARGETS.add(Points, rank=10)
