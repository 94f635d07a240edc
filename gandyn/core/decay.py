"""Learning rates that decay along the steps, each player's by a power of its own: two time scales.

lr_t = lr (1 + t / T)^-p, t the steps of the run so far. With p_G > p_D the generator becomes ever slower than the
critic, as two-time-scale stochastic approximation asks; each p in (1/2, 1] has rates whose sum is infinite and whose
sum of squares is not. Ref: Heusel et al. 2017 (1706.08500), section 2; Robbins & Monro 1951, Ann. Math. Stat. 22(3).
"""

from __future__ import annotations

import torch
from torch import Tensor

from gandyn.core.types import Knobs

Number = float | Tensor


def decays(knobs: Knobs) -> bool:
    """Whether a learning rate depends on the step."""
    return any(isinstance(power, Tensor) or power != 0 for power in (knobs.decay_g, knobs.decay_d))


def rate_at(lr: Number, power: Number, after: Number, step: int | Tensor) -> Number:
    """lr (1 + step / after)^-power, in float64; tensors broadcast, [N] of them with lanes."""
    if isinstance(power, Tensor) or isinstance(after, Tensor) or isinstance(step, Tensor):
        lr, power, after, step = (torch.as_tensor(one, dtype=torch.float64) for one in (lr, power, after, step))
    return lr * (1 + step / after) ** -power


def knobs_at(knobs: Knobs, step: int) -> Knobs:
    """The knobs with the learning rates of the step after `step` others, and without decay: these rates are its own."""
    if not decays(knobs):
        return knobs
    numbers, rest = knobs.numbers(), knobs.decay_steps
    rates = {f"lr_{one}": rate_at(numbers[f"lr_{one}"], numbers[f"decay_{one}"], rest, step) for one in "gd"}
    return Knobs.of(numbers | rates | {"decay_g": 0.0, "decay_d": 0.0}, checked=False)
