"""The gradient penalty on interpolates between real and generated samples, in three forms."""

from torch import Tensor

from gandyn.core.penalties import PENALTIES
from gandyn.core.penalties.norms import of_gradient, one_sided, sixth_power, two_sided
from gandyn.core.types import Batch, Penalty


def interpolates(real: Tensor, fake: Tensor, batch: Batch) -> Tensor:
    """mix real + (1 - mix) fake with one mixing weight a sample: [B, *x], or [N, B, n] with lanes."""
    mix = batch.mix.reshape(*batch.mix.shape, *(1 for _ in real.shape[batch.mix.ndim :]))
    return mix * real + (1 - mix) * fake


PENALTIES.add(
    Penalty(
        of_gradient(two_sided, interpolates),
        name="gradient-penalty",
        summary="holds the critic's slope near 1 between real and generated samples",
        formula="w E (|grad d(x^)| - 1)^2,  x^ = e x + (1 - e) G(z), e ~ U(0, 1) per sample",
        cite="Gulrajani et al. 2017 (1704.00028), eq. 3",
        gradient_of=("interpolates", "two-sided"),
    ),
    rank=1,
)
PENALTIES.add(
    Penalty(
        of_gradient(sixth_power, interpolates),
        name="wgan-div",
        summary="flattens the critic between real and generated samples: the Wasserstein divergence, free of a bound",
        formula="w E |grad d(x^)|^6,  x^ as in the gradient penalty",
        cite="Wu et al. 2018 (1712.01026), whose k = 2 is w here, and whose p is 6",
        gradient_of=("interpolates", "sixth-power"),
    ),
    rank=6,
)
PENALTIES.add(
    Penalty(
        of_gradient(one_sided, interpolates),
        name="one-sided",
        summary="punishes slopes above 1 only",
        formula="w E max(0, |grad d(x^)| - 1)^2,  x^ as in the gradient penalty",
        cite="Petzka et al. 2018 (1709.08894), eq. 6",
        gradient_of=("interpolates", "one-sided"),
    ),
    rank=2,
)
