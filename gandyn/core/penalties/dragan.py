"""DRAGAN: slope 1 in a neighbourhood of the data."""

from torch import Tensor

from gandyn.core.penalties import PENALTIES
from gandyn.core.penalties.norms import of_gradient, two_sided
from gandyn.core.types import Batch, Penalty


def points(real: Tensor, fake: Tensor, batch: Batch) -> Tensor:
    """x + delta, delta = std(real batch) noise / 2, noise ~ U(-1, 1): [B, *x], or [N, B, n] with lanes."""
    if batch.noise is None:
        raise ValueError("penalty 'dragan' needs batch.noise [B, *x], drawn from U(-1, 1)")
    over = tuple(range(batch.mix.ndim - 1, real.ndim))  # a lane's whole batch
    return real + 0.5 * real.std(over, correction=0, keepdim=True) * batch.noise


PENALTIES.add(
    Penalty(
        of_gradient(two_sided, points),
        name="dragan",
        summary="holds the critic's slope near 1 around the real samples",
        formula="w E (|grad d(x + delta)| - 1)^2,  delta ~ std(x) U(-1, 1) / 2",
        cite="Kodali et al. 2017 (1705.07215), eq. 1",
        noisy=True,
        gradient_of=("around-real", "two-sided"),
        of_real=True,
    ),
    rank=5,
)
