"""Randomness as data: every random number is a function of (seed, stream, step, update, index).

Resuming, rewinding and forking need nothing but a step; runs that differ only in their rule see the same data.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Generator, Tensor

from gandyn.core import checks
from gandyn.core.rng.places import Places

MAX_SEED = 2**53 - 1  # what a URL and JSON carry without loss
MAX_PLACE = 2**32 - 1  # of the step and the index: a word of the counter each
LIMITS = {"seed": MAX_SEED, "step": MAX_PLACE, "index": MAX_PLACE, "stride": 1000}


@dataclass(frozen=True, slots=True)
class Rng:
    """A place in the random numbers of a run: an immutable value, not a generator that is used up.

    `stride` is how many batches a step moves on in data that are walked in order (0: no walk leads here, they are
    drawn at random); random numbers do not depend on it.
    """

    seed: int
    step: int = 0
    index: int = 0  # of the update in its step
    stride: int = 1

    def __post_init__(self) -> None:
        for name, most in LIMITS.items():
            value = getattr(self, name)
            if type(value) is not int or not 0 <= value <= most:  # 3.0 is the same place as 3
                object.__setattr__(self, name, checks.integer(name, value, 0, most))

    def at(self, index: int) -> Rng:
        """The same step's numbers for its update number `index`."""
        return Rng(self.seed, self.step, index, self.stride)

    @property
    def places(self) -> Places:
        """This place alone."""
        return Places(self.seed, self.step, self.index, self.stride)

    def uniform(self, stream: str, *shape: int) -> Tensor:
        """float32 of that shape on the CPU, uniform on [0, 1)."""
        return self.places.uniform(stream, shape)

    def normal(self, stream: str, *shape: int) -> Tensor:
        """float32 of that shape on the CPU, standard normal."""
        return self.places.normal(stream, shape)


def as_rng(rng: Rng | Generator) -> Rng:
    """An Rng as it is; of a torch.Generator one with a seed of its next 53 bits, another one every time."""
    if isinstance(rng, Rng):
        return rng
    return Rng(int(torch.randint(MAX_SEED + 1, (), generator=rng, device=rng.device)), stride=0)
