"""R1 and R2: the critic's squared slope at real and at generated samples."""

from gandyn.core.penalties import PENALTIES
from gandyn.core.penalties.norms import of_gradient, zero_centred
from gandyn.core.types import Penalty

PENALTIES.add(
    Penalty(
        of_gradient(zero_centred, lambda real, fake, batch: real),
        name="r1",
        summary="flattens the critic at real samples: the game converges locally",
        formula="(w / 2) E |grad d(x)|^2",
        cite="Mescheder et al. 2018 (1801.04406), eq. 9",
        gradient_of=("real", "zero-centred"),
        of_real=True,
    ),
    rank=3,
)
PENALTIES.add(
    Penalty(
        of_gradient(zero_centred, lambda real, fake, batch: fake),
        name="r2",
        summary="flattens the critic at generated samples",
        formula="(w / 2) E |grad d(G(z))|^2",
        cite="Mescheder et al. 2018 (1801.04406), eq. 10",
        gradient_of=("generated", "zero-centred"),
    ),
    rank=4,
)
