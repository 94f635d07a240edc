"""Top-k: the generator learns from those of its samples that the critic likes best."""

import math
from collections.abc import Callable

import torch
from torch import Tensor

from gandyn.core.penalties import PENALTIES
from gandyn.core.penalty import Amount, Number, Penalty


def choose(objective: Callable[[Tensor, Tensor], Tensor], real: Tensor, fake: Tensor, weight: Number) -> Tensor:
    """The objective of the k = ceil((1 - weight) B) samples with the largest values, and of real ones beside them."""
    if isinstance(weight, Tensor) and weight.ndim:  # lanes that keep different numbers
        return torch.stack([choose(objective, *one) for one in zip(real, fake, weight, strict=True)])
    k = max(1, math.ceil((1 - float(weight)) * fake.shape[-1] - 1e-6))
    best = fake.topk(k, -1).indices
    paired = real.shape == fake.shape
    return objective(real.gather(-1, best) if paired else real, fake.gather(-1, best))


PENALTIES.add(
    Penalty(
        None,
        name="top-k",
        summary="the generator learns from its best samples alone, as the critic sees them",
        formula="L_G over the (1 - w) B generated samples with the largest d(G(z))",
        cite="Sinha et al. 2020 (2002.06224)",
        knobs=(),
        amount=Amount(0.5, 0.0, 0.99, "w: the share of generated samples that is left out"),
        choose=choose,
        captured=False,
    ),
    rank=18,
)
