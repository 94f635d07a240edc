"""DRAGAN: slope 1 in a neighbourhood of the data."""

from collections.abc import Callable

from torch import Tensor

from gandyn.core.penalties import PENALTIES
from gandyn.core.penalties.norms import norms
from gandyn.core.types import Batch, Penalty


def loss(
    critic: Callable[[Tensor], Tensor], real: Tensor, fake: Tensor, batch: Batch, weight: float | Tensor
) -> Tensor:
    """weight E (|grad d(x + delta)| - 1)^2, delta = std(real batch) noise / 2, noise ~ U(-1, 1)."""
    if batch.noise is None:
        raise ValueError("penalty 'dragan' needs batch.noise [B, *x], drawn from U(-1, 1)")
    delta = 0.5 * real.std(correction=0) * batch.noise
    return weight * (norms(critic, real + delta) - 1).square().mean()


PENALTIES.add(
    "dragan",
    Penalty(
        loss,
        name="dragan",
        summary="holds the critic's slope near 1 around the real samples",
        formula="w E (|grad d(x + delta)| - 1)^2,  delta ~ std(x) U(-1, 1) / 2",
        cite="Kodali et al. 2017 (1705.07215), eq. 1",
        noisy=True,
    ),
    rank=5,
)
