"""R1 and R2: the critic's squared slope at real and at generated samples."""

from collections.abc import Callable

from torch import Tensor

from gandyn.core.penalties import PENALTIES
from gandyn.core.penalties.norms import square_norms
from gandyn.core.types import Batch, Penalty

Critic = Callable[[Tensor], Tensor]


def r1(critic: Critic, real: Tensor, fake: Tensor, batch: Batch, weight: float | Tensor) -> Tensor:
    """(weight / 2) E |grad d(x)|^2 at real samples."""
    return 0.5 * weight * square_norms(critic, real).mean(-1)


def r2(critic: Critic, real: Tensor, fake: Tensor, batch: Batch, weight: float | Tensor) -> Tensor:
    """(weight / 2) E |grad d(G(z))|^2 at generated samples."""
    return 0.5 * weight * square_norms(critic, fake).mean(-1)


PENALTIES.add(
    Penalty(
        r1,
        name="r1",
        summary="flattens the critic at real samples: the game converges locally",
        formula="(w / 2) E |grad d(x)|^2",
        cite="Mescheder et al. 2018 (1801.04406), eq. 9",
        gradient_of=("real", "zero-centred"),
        mixed=False,
    ),
    rank=3,
)
PENALTIES.add(
    Penalty(
        r2,
        name="r2",
        summary="flattens the critic at generated samples",
        formula="(w / 2) E |grad d(G(z))|^2",
        cite="Mescheder et al. 2018 (1801.04406), eq. 10",
        gradient_of=("generated", "zero-centred"),
        mixed=False,
    ),
    rank=4,
)
