"""How much of the data the samples reach, where there are no modes to count. Registers nothing."""

from functools import lru_cache

import torch
from torch import Tensor

from gandyn.core.target import Target
from gandyn.probes.reference import modes_of, reference
from gandyn.probes.window import cells_of

CELLS = 16  # a side of the window


def reached(target: Target, samples: Tensor, window: float) -> float | None:
    """The share of real samples in whose cell there is a generated sample [n, 2]: a recall at the size of a cell.

    Cells are CELLS x CELLS of [-window, window]^2, and one for all that is outside; real samples are the n of the fixed
    reference. n = 1,000 real samples reach .99 and more of the targets in the plane that have no modes. None where
    there are modes, which tell more, and elsewhere than in the plane.
    """
    if target.shape != (2,) or modes_of(target) is not None:
        return None
    held = torch.zeros(CELLS**2 + 1, dtype=torch.bool)
    held[cells_of(samples.cpu().double(), window, CELLS)] = True
    return float(held[_reference_cells(target, len(samples), window)].double().mean())


@lru_cache(maxsize=16)
def _reference_cells(target: Target, n: int, window: float) -> Tensor:
    return cells_of(reference(target, n).double(), window, CELLS)
