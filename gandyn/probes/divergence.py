"""Whether a run that is still finite has left all that can be looked at. Registers nothing."""

from __future__ import annotations

import math
from collections.abc import Mapping

import torch
from torch import Tensor

from gandyn.core.target import Target
from gandyn.probes.short_number import short_number
from gandyn.probes.window import half_width

EXPLODED = 1e6  # a loss beyond it says nothing any more
FAR = 10.0  # windows away
PLAYERS = {"critic_loss": "the critic's", "generator_loss": "the generator's"}


def divergence(target: Target, samples: Tensor, losses: Mapping[str, float]) -> str | None:
    """What has exploded, as a clause of a sentence, of samples [n, *x] and the losses of the last step; None: nothing.

    A loss that is not finite or beyond 1e6; samples that are not finite; points of which all are more than ten windows
    (see `half_width`) away from the middle.
    """
    for name, whose in PLAYERS.items():
        if not abs(losses.get(name, 0.0)) <= EXPLODED:
            return f"{whose} loss is {short_number(losses[name])}"
    if not bool(samples.isfinite().all()):
        return f"{int((~samples.isfinite()).flatten(1).any(1).sum()):,} of {len(samples):,} samples are not finite"
    if target.shape not in ((1,), (2,)):
        return None
    nearest, window = float(samples.abs().amax(1).min()), half_width(target)
    if nearest > FAR * window:
        return f"all samples are outside of the picture, {short_number(nearest / window)} times its size away"
    return None


def outside(samples: Tensor, window: float) -> list[int]:
    """How many samples [n, 1 or 2] are beyond each edge of [-window, window]^2: left, right, below, above.

    One beyond two of them is counted at that from which it is farther; one that is not a number, at the right.
    """
    x = samples.nan_to_num(nan=math.inf)
    beyond = torch.stack([-x - window, x - window], 2).flatten(1)  # [n, 4]: of each axis the lower side, the upper
    most, side = beyond.max(1)
    counts = side[most > 0].bincount(minlength=4)
    return counts.tolist()
