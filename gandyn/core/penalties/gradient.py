"""The gradient penalty on interpolates between real and generated samples, two-sided and one-sided."""

from collections.abc import Callable

from torch import Tensor, relu

from gandyn.core.penalties import PENALTIES
from gandyn.core.penalties.norms import norms
from gandyn.core.types import Batch, Penalty

Critic = Callable[[Tensor], Tensor]


def interpolates(real: Tensor, fake: Tensor, mix: Tensor) -> Tensor:
    """mix real + (1 - mix) fake with one mixing weight a sample: [B, *x], or [N, B, n] with lanes."""
    mix = mix.reshape(*mix.shape, *(1 for _ in real.shape[mix.ndim :]))
    return mix * real + (1 - mix) * fake


def two_sided(critic: Critic, real: Tensor, fake: Tensor, batch: Batch, weight: float | Tensor) -> Tensor:
    """weight E (|grad d(x_hat)| - 1)^2."""
    return weight * (norms(critic, interpolates(real, fake, batch.mix)) - 1).square().mean(-1)


def one_sided(critic: Critic, real: Tensor, fake: Tensor, batch: Batch, weight: float | Tensor) -> Tensor:
    """weight E max(0, |grad d(x_hat)| - 1)^2."""
    return weight * relu(norms(critic, interpolates(real, fake, batch.mix)) - 1).square().mean(-1)


PENALTIES.add(
    Penalty(
        two_sided,
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
        one_sided,
        name="one-sided",
        summary="punishes slopes above 1 only",
        formula="w E max(0, |grad d(x^)| - 1)^2,  x^ as in the gradient penalty",
        cite="Petzka et al. 2018 (1709.08894), eq. 6",
        gradient_of=("interpolates", "one-sided"),
    ),
    rank=2,
)
