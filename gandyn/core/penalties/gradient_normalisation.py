"""Gradient normalisation: the critic is divided by its slope, so that its slope is 1 at most wherever it is smooth."""

import torch
from torch import Tensor

from gandyn.core.optimizers.arithmetic import safe_sqrt
from gandyn.core.penalties import PENALTIES
from gandyn.core.penalties.norms import with_gradients
from gandyn.core.penalty import Critic, Penalty


def transform(critic: Critic) -> Critic:
    """d(x) / (|grad d(x)| + |d(x)|); 0 where both vanish."""

    def normalised(x: Tensor) -> Tensor:
        values, grads = with_gradients(critic, x)
        size = safe_sqrt(grads.square().sum(-1)) + values.abs()
        return values / torch.where(size > 0, size, 1.0)

    return normalised


PENALTIES.add(
    Penalty(
        None,
        name="gradient-normalisation",
        summary="divides the critic by its slope and its size, so that a piecewise linear one has a slope of 1 at most",
        formula="d(x) / (|grad d(x)| + |d(x)|) in the place of d(x)",
        cite="Wu et al. 2021 (2109.02235)",
        knobs=(),
        transform=transform,
        by_sample=True,
    ),
    rank=12,
)
