"""The random numbers that regularisers have of their own, for minibatches that a test makes by hand."""

import torch
from torch import Generator

from gandyn.core.penalties import PENALTIES
from gandyn.core.trees import named


def own_numbers(draw: Generator, lead: tuple[int, ...], shape: tuple[int, ...], latent: int):
    """Those of all penalties, [*lead, ...] in float64: what Batch.own holds. `lead`: axes up to the samples'."""
    laws = {"normal": torch.randn, "uniform": torch.rand}
    return named(
        {
            one.field: laws[one.draw.law](*lead, *one.draw.shape(shape, latent), generator=draw, dtype=torch.float64)
            for one in PENALTIES.values()
            if one.draw is not None
        }
    )
