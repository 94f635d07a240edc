"""Past samples: the critic's loss is taken at samples that the generator made before, too."""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor

from gandyn.core.penalties import PENALTIES
from gandyn.core.penalties.samples import beside
from gandyn.core.penalty import Amount, Draw, Memory, Number, Penalty, Seen
from gandyn.core.regularising import own, remembered
from gandyn.core.types import Batch

ROOM = 2048  # samples that are kept
NEW = 16  # that are taken in by a step, so that one stays ROOM / NEW = 128 steps on average


class History(NamedTuple):
    """Generated samples [..., ROOM, *x] of each GAN, and how many of them there are."""

    samples: Tensor
    kept: Tensor


def start(theta: Tensor, sample: tuple[int, ...]) -> History:
    """No samples."""
    empty = theta.new_zeros(*theta.shape[:-1], ROOM, *sample)
    return History(empty, torch.zeros((), dtype=torch.int64, device=theta.device))


def _numbers(batch: Batch) -> Tensor:
    numbers = own(batch, "past-samples")
    if numbers is None:
        raise ValueError("penalty 'past-samples' needs its uniform numbers in batch.own, as draw_batches gives them")
    return numbers


def after(memory: History, seen: Seen) -> History:
    """The first NEW samples of the step take the next free places; none left, those from a random one on, cyclically.

    They take places in a row, so that no two take the same, and each place is as likely as any other.
    """
    lead = seen.real_values.ndim - 1
    new = seen.fake.narrow(lead, 0, min(NEW, seen.fake.shape[lead])).detach()
    row = torch.arange(new.shape[lead], device=new.device)
    free = memory.kept + len(row) <= ROOM
    first = (_numbers(seen.batch)[..., :1, 1].double() * memory.kept).long()
    places = torch.where(free, memory.kept + row, (first + row) % memory.kept.clamp(min=1))
    samples = memory.samples.scatter(lead, _as(places, new).expand_as(new), new)
    return History(samples, torch.where(free, memory.kept + len(row), memory.kept))


def rehearse(fake: Tensor, batch: Batch, weight: Number) -> Tensor:
    """The first w B of B generated samples, rounded up, replaced by kept ones, each drawn uniformly with replacement.

    Constant: no derivative goes through them. Before the first step, with nothing kept, the samples as they are.
    """
    memory: History | None = remembered(batch, "past-samples")
    if memory is None:
        return fake
    lead = batch.mix.ndim - 1
    which = (_numbers(batch)[..., 0].double() * memory.kept).long().clamp(max=ROOM - 1)
    old = memory.samples.gather(lead, _as(which, fake).expand_as(fake))
    at = torch.arange(fake.shape[lead], device=fake.device).expand(batch.mix.shape)
    replaced = at < beside(weight, batch.mix) * fake.shape[lead] - 1e-6
    return torch.where(_as(replaced, fake), old, fake)


def _as(values: Tensor, samples: Tensor) -> Tensor:
    """Values of samples [..., B] with axes for what a sample is made of."""
    return values.reshape(*values.shape, *(1 for _ in samples.shape[values.ndim :]))


PENALTIES.add(
    Penalty(
        None,
        name="past-samples",
        summary="part of the generated samples that the critic learns from were made some hundred steps before",
        formula="w B of the B generated samples in L_D from a memory of 2,048, of which a step renews 16",
        cite="Shrivastava et al. 2017 (1612.07828), section 2.3, where a step renews half a minibatch",
        knobs=(),
        amount=Amount(0.5, 0.0, 1.0, "w: the share of generated samples that are old ones"),
        rehearse=rehearse,
        draw=Draw("past-samples", "uniform", lambda sample, latent: (2,)),
        memory=Memory(start, after),
    ),
    rank=19,
)
