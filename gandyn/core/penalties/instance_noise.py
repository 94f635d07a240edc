"""Instance noise: the critic sees all samples under a haze, so that real and generated ones overlap."""

from torch import Tensor

from gandyn.core.penalties import PENALTIES
from gandyn.core.penalties.samples import beside
from gandyn.core.penalty import Amount, Draw, Number, Penalty
from gandyn.core.regularising import own
from gandyn.core.types import Batch


def augment(real: Tensor, fake: Tensor, batch: Batch, weight: Number) -> tuple[Tensor, Tensor]:
    """x + weight n, each sample with standard normal numbers n of its own."""
    noise = own(batch, "instance-noise")
    if noise is None:
        raise ValueError("penalty 'instance-noise' needs its normal numbers in batch.own, as draw_batches gives them")
    of_real, of_fake = noise.unbind(batch.mix.ndim)
    return real + beside(weight, real) * of_real, fake + beside(weight, fake) * of_fake


PENALTIES.add(
    Penalty(
        None,
        name="instance-noise",
        summary="adds normal noise to all that the critic sees, so that real and generated samples overlap",
        formula="d(x + w n) in the place of d(x),  n ~ N(0, I)",
        cite="Sonderby et al. 2017 (1610.04490); Arjovsky and Bottou 2017 (1701.04862), section 3",
        knobs=(),
        amount=Amount(0.1, 0.0, 10.0, "w: the standard deviation of the noise, in data units"),
        augment=augment,
        draw=Draw("instance-noise", "normal", lambda sample, latent: (2, *sample)),
    ),
    rank=15,
)
