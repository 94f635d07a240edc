"""Differentiable augmentation: the critic sees real and generated samples turned, stretched and moved at random."""

import math

import torch
from torch import Tensor

from gandyn.core.penalties import PENALTIES
from gandyn.core.penalties.samples import beside
from gandyn.core.penalty import Amount, Draw, Number, Penalty
from gandyn.core.regularising import own
from gandyn.core.types import Batch


def similarity(x: Tensor, numbers: Tensor, weight: Number) -> Tensor:
    """e^(w s) R(pi w r) x + w t, with (s, r, t) = 2 numbers - 1, each sample by its own.

    R turns the first two coordinates of points; images are stretched and moved in brightness alone.
    """
    lead = numbers.ndim - 1
    u = beside(weight, numbers) * (2 * numbers - 1)

    def one(values: Tensor) -> Tensor:
        return values.reshape(*values.shape[:lead], *(1 for _ in x.shape[lead:]))

    points = x.ndim == lead + 1
    if points and x.shape[-1] > 1:
        cos, sin = (math.pi * u[..., 1]).cos(), (math.pi * u[..., 1]).sin()
        turned = (cos * x[..., 0] - sin * x[..., 1], sin * x[..., 0] + cos * x[..., 1])
        x = torch.cat([torch.stack(turned, -1), x[..., 2:]], -1)
    return one(u[..., 0].exp()) * x + (u[..., 2:] if points else one(u[..., 2]))


def augment(real: Tensor, fake: Tensor, batch: Batch, weight: Number) -> tuple[Tensor, Tensor]:
    """Real sample i and generated sample i by the same similarity."""
    numbers = own(batch, "augmentation")
    if numbers is None:
        raise ValueError("penalty 'augmentation' needs its uniform numbers in batch.own, as draw_batches gives them")
    return similarity(real, numbers, weight), similarity(fake, numbers, weight)


PENALTIES.add(
    Penalty(
        None,
        name="augmentation",
        summary="turns, stretches and moves at random what the critic sees of real and generated samples alike",
        formula="d(T x) in the place of d(x),  T x = e^(w s) R(pi w r) x + w t,  s, r, t ~ U(-1, 1)",
        cite="Zhao et al. 2020 (2006.10738), with a random similarity of the plane as T",
        knobs=(),
        amount=Amount(0.1, 0.0, 1.0, "w: how far samples are turned, stretched and moved"),
        augment=augment,
        draw=Draw("similarity", "uniform", lambda sample, latent: (2 + (sample[0] if len(sample) == 1 else 1),)),
    ),
    rank=16,
)
