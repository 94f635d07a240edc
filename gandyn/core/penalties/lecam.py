"""LeCam: the critic's values stay near what it used to say of the other kind of samples."""

from typing import NamedTuple

import torch
from torch import Tensor

from gandyn.core.penalties import PENALTIES
from gandyn.core.penalty import Critic, Memory, Number, Penalty, Seen
from gandyn.core.regularising import remembered
from gandyn.core.types import Batch

DECAY = 0.99  # of the averages, that of the source


class Averages(NamedTuple):
    """The decaying sums of the critic's mean values, a number [1] of each GAN, and how many there were."""

    real: Tensor
    fake: Tensor
    t: Tensor


def start(theta: Tensor, _sample: tuple[int, ...]) -> Averages:
    """Nothing seen."""
    zero = theta.new_zeros(*theta.shape[:-1], 1)
    return Averages(zero, zero, torch.zeros((), dtype=torch.int64, device=theta.device))


def after(memory: Averages, seen: Seen) -> Averages:
    """m <- DECAY m + (1 - DECAY) E d, of both."""
    of_real = DECAY * memory.real + (1 - DECAY) * seen.real_values.mean(-1, keepdim=True)
    of_fake = DECAY * memory.fake + (1 - DECAY) * seen.fake_values.mean(-1, keepdim=True)
    return Averages(of_real, of_fake, memory.t + 1)


def loss(critic: Critic, real: Tensor, fake: Tensor, batch: Batch, weight: Number) -> Tensor:
    """weight (E (d(x) - a_F)^2 + E (d(G(z)) - a_R)^2), a = m / (1 - DECAY^t); 0 before the first step."""
    memory: Averages | None = remembered(batch, "lecam")
    if memory is None:
        return real.new_zeros(batch.mix.shape[:-1])
    seen = (1 - DECAY ** memory.t.double()).to(real.dtype)
    of_real, of_fake = memory.real / seen, memory.fake / seen
    apart = (critic(real) - of_fake).square().mean(-1) + (critic(fake) - of_real).square().mean(-1)
    return weight * apart


PENALTIES.add(
    Penalty(
        loss,
        name="lecam",
        summary="draws the critic's values to what it said of the other samples so far, on average over 100 steps",
        formula="w (E (d(x) - a_F)^2 + E (d(G(z)) - a_R)^2),  a <- .99 a + .01 E d",
        cite="Tseng et al. 2021 (2104.03310); the averages are corrected for their start at 0, as Adam's are",
        memory=Memory(start, after),
    ),
    rank=8,
)
