"""What a penalty is: a regulariser of the game, by what it adds to a loss or changes on the way to one."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NamedTuple

from torch import Tensor

if TYPE_CHECKING:
    from gandyn.core.types import Batch, Net

Critic = Callable[[Tensor], Tensor]  # samples [..., B, *x] -> values [..., B]
Number = float | Tensor  # of a GAN, or one a lane [N]


class Amount(NamedTuple):
    """The number of a penalty that is no weight of a loss, and its range."""

    default: float
    low: float
    high: float
    meaning: str


class Draw(NamedTuple):
    """The random numbers that a penalty wants of its own, in a stream of theirs: the data stay the same with it."""

    stream: str  # a name in rng.STREAMS
    law: str  # normal: N(0, 1); uniform: U(0, 1)
    shape: Callable[[tuple[int, ...], int], tuple[int, ...]]  # (of a sample, the latent's size) -> of its numbers


class Seen(NamedTuple):
    """What a step begins with, for memories: the first minibatch, its samples as the critic sees them, its values."""

    batch: Batch
    fake: Tensor  # generated samples [..., B, *x] before they are augmented
    real_values: Tensor  # of the critic at real samples [..., B]
    fake_values: Tensor  # at generated ones


class Memory(NamedTuple):
    """What a penalty remembers from step to step, in State.aux: a named tuple of tensors.

    One that belongs to a GAN has its axes first, so a number is [1], with lanes [N, 1]; 0-d ones are common to all.
    """

    # (theta [..., P], the shape of a sample) -> the memory before the first step
    start: Callable[[Tensor, tuple[int, ...]], Any]
    after: Callable[[Any, Seen], Any]  # (memory, what the critic sees in this step) -> the memory with it


class GeneratorSide(NamedTuple):
    """Where the generator's loss is taken."""

    generator: Callable[[Tensor], Tensor]  # z [..., B, nz] -> samples
    fake: Tensor  # of batch.z
    d: Tensor  # the critic's parameters that it faces
    f: Callable[[Tensor], Tensor]  # the critic's objective on this minibatch as a function of its parameters
    batch: Batch


class Penalty(NamedTuple):
    """A regulariser; what it does not do is None. weight: its number, [...] where it differs by lane.

    Losses are reduced over a GAN's own samples only, so that lanes stay apart. Several compose: samples are augmented,
    parameters and critic transformed in the order of the registry, losses add up.
    """

    # added to L_D: (critic, real, fake, batch, weight) -> [...]
    loss: Callable[[Critic, Tensor, Tensor, Batch, Number], Tensor] | None
    name: str
    summary: str
    formula: str
    cite: str
    knobs: tuple[str, ...] = ("penalty_weight",)  # the Knobs that it reads
    noisy: bool = False  # whether it reads batch.noise
    # for the compiled engine, of a penalty w E psi(grad d): where, and psi; see native/penalties.py
    gradient_of: tuple[str, str] | None = None
    amount: Amount | None = None  # its number, where it is not a weight
    loss_of_parameters: Callable[[Net, Tensor, Number], Tensor] | None = None  # added to L_D, of theta [..., P]
    generator_loss: Callable[[GeneratorSide, Number], Tensor] | None = None  # added to L_G
    reparametrise: Callable[[Net, Tensor], Tensor] | None = None  # the critic's parameters [..., P], before it is used
    transform: Callable[[Critic], Critic] | None = None  # the critic as a function of samples
    # what the critic sees of real and generated samples: (real, fake, batch, weight) -> both
    augment: Callable[[Tensor, Tensor, Batch, Number], tuple[Tensor, Tensor]] | None = None
    # the generated samples that the critic's own loss is taken at: (generated now, batch, weight) -> as many
    rehearse: Callable[[Tensor, Batch, Number], Tensor] | None = None
    # the generator's objective of some of the values: (objective, real, fake, weight) -> [...]
    choose: Callable[[Callable[[Tensor, Tensor], Tensor], Tensor, Tensor, Number], Tensor] | None = None
    draw: Draw | None = None
    memory: Memory | None = None
    of_real: bool = False  # whether `loss` reads no generated sample
    by_sample: bool = False  # whether it takes the critic's slope at samples one by one, as those with gradient_of do
    of_objective: bool = False  # whether its generator_loss is of the critic's objective
    captured: bool = True  # whether a CUDA graph can hold it: it reads no number back

    @property
    def field(self) -> str:
        """Its name among named tuples: in Batch.own, Batch.memory and State.aux."""
        return self.name.replace("-", "_")

    @property
    def numbered(self) -> bool:
        """Whether it has a number: a weight, or an amount."""
        return self.amount is not None or "penalty_weight" in self.knobs

    @property
    def slopes(self) -> bool:
        """Whether it takes the critic's slope at samples one by one: of none that judges a minibatch as a whole."""
        return self.by_sample or self.gradient_of is not None

    @property
    def for_critic_loss(self) -> bool:
        """Whether it adds something to the critic's loss."""
        return self.loss is not None or self.loss_of_parameters is not None

    @property
    def without_critic(self) -> bool:
        """Whether it does something under an objective without a critic, whatever else is chosen."""
        of_generator = self.generator_loss is not None and not self.of_objective
        return self.for_critic_loss or self.augment is not None or of_generator

    @property
    def for_both(self) -> bool:
        """Whether it changes what the critic is, or sees, for both players."""
        return any(part is not None for part in (self.reparametrise, self.transform, self.augment))

    @property
    def for_critic(self) -> bool:
        """Whether the critic's updates depend on it."""
        return self.for_both or self.for_critic_loss or self.rehearse is not None

    @property
    def for_generator(self) -> bool:
        """Whether the generator's updates depend on it, at a given critic."""
        return self.for_both or self.generator_loss is not None or self.choose is not None
