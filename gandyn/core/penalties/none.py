"""No penalty."""

from collections.abc import Callable

from torch import Tensor

from gandyn.core.penalties import PENALTIES
from gandyn.core.types import Batch, Penalty


def loss(
    critic: Callable[[Tensor], Tensor], real: Tensor, fake: Tensor, batch: Batch, weight: float | Tensor
) -> Tensor:
    """0."""
    return real.new_zeros(batch.mix.shape[:-1])


PENALTIES.add(
    Penalty(
        loss,
        name="none",
        summary="the critic is left alone",
        formula="0",
        cite="Goodfellow et al. 2014 (1406.2661)",
        knobs=(),
    ),
    rank=0,
)
