"""Randomness as data: every random number is a function of (seed, stream, step, index).

Resuming, rewinding and forking need nothing but a step; runs that differ only in their rule see the same data.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import blake2b

from torch import Generator, Tensor

from gandyn.core import checks

MAX_SEED = 2**53 - 1  # what a URL and JSON carry without loss


@dataclass(frozen=True, slots=True)
class Rng:
    """A place in the random numbers of a run: an immutable value, not a generator that is used up.

    `stride` is how many batches a step moves on in data that are walked in order; random numbers do not depend on it.
    """

    seed: int
    step: int = 0
    index: int = 0
    stride: int = 1

    def __post_init__(self) -> None:
        values = (self.seed, self.step, self.index, self.stride)
        if all(type(value) is int for value in values) and min(values) >= 0 and max(values) <= MAX_SEED:
            return  # as nearly always: a run makes many of them in every step
        for name in ("seed", "step", "index", "stride"):
            value = getattr(self, name)
            if type(value) is not int or not 0 <= value <= MAX_SEED:  # 3.0 is the same place as 3
                object.__setattr__(self, name, checks.integer(name, value, 0, MAX_SEED))

    def at(self, index: int) -> "Rng":
        """The same step's numbers for its update number `index`."""
        return Rng(self.seed, self.step, index, self.stride)

    @property
    def batches_before(self) -> int:
        """How many batches a walk through data has behind it here: step * stride + index."""
        return self.step * self.stride + self.index

    def generator(self, stream: str) -> Generator:
        """A fresh CPU generator for one stream (real, z, mix, noise, init, ...) of this place."""
        return Generator().manual_seed(self.seed_of(stream))

    def seed_of(self, stream: str) -> int:
        """What the generator of a stream is seeded with.

        32 well-mixed bits, because torch's CPU generator uses only the low 32 bits of a seed.
        """
        key = f"{self.seed}/{stream}/{self.step}/{self.index}".encode()
        return int.from_bytes(blake2b(key, digest_size=4).digest(), "little")


def generator_of(rng: Rng | Generator, stream: str) -> Generator:
    """The stream of an Rng, or the torch.Generator itself where one was given."""
    return rng if isinstance(rng, Generator) else rng.generator(stream)


def fill(rngs: Sequence[Rng], stream: str, draws: Sequence[tuple[Tensor, str]]) -> None:
    """Row i of every tensor [N, ...] from the stream of rngs[i], in the order of `draws`: (tensor, normal or uniform).

    The numbers of `generator(stream)` for each, without a new generator for each.
    """
    generator = Generator()
    rows = [(tensor.unbind(), law) for tensor, law in draws]
    for i, rng in enumerate(rngs):
        generator.manual_seed(rng.seed_of(stream))
        for tensors, law in rows:
            if law == "normal":
                tensors[i].normal_(generator=generator)
            else:
                tensors[i].uniform_(generator=generator)
