"""A checkerboard: flat density with sharp edges, and gaps between modes that touch at their corners."""

from dataclasses import dataclass

import torch
from torch import Tensor

from gandyn.targets import TARGETS, Target, parameter


@dataclass(frozen=True)
class Checkerboard(Target):
    """Uniform on every second square of a cells x cells board over [-extent, extent]^2, the lower left one among them.

    cells 4, extent 4 is the board of Grathwohl et al. 2018 (1810.01367, FFJORD).
    """

    name = "checkerboard"
    summary = "every second square of a board"

    uniforms = 3

    cells: int = parameter(4, 1, 16, meaning="squares along each side of the board")
    extent: float = parameter(2.0, 0.1, 4, meaning="half of the board's side")

    def samples(self, uniform: Tensor, normal: Tensor) -> Tensor:
        pick, within = uniform[..., 0], uniform[..., 1:]
        filled = (self.cells**2 + 1) // 2
        index = (pick * filled).long()  # of the taken squares, counted row by row from the lower left
        if self.cells % 2:  # every second square of all, rows laid end to end
            square = 2 * index
        else:  # the rows' first squares alternate
            row = index // (self.cells // 2)
            square = 2 * index + row % 2
        corner = torch.stack([square % self.cells, square // self.cells], -1)
        return self.extent * (2 * (corner + within) / self.cells - 1)


TARGETS.add(Checkerboard, rank=5)
