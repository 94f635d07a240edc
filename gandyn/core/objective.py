"""What an objective is: two losses of the critic's values, with live parameters or without."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, NamedTuple

from torch import Tensor

from gandyn.core.parameters import Parametrised
from gandyn.core.registry import brief


class VectorForm(NamedTuple):
    """An objective as functions of vectors of all logits [B], which the compiled engine can take.

    Plain Python in what numba compiles, with `gandyn.core.native.functions` for elementary functions; each exact, also
    where the critic is sure. Results are written into the arguments whose names end in `out`.
    """

    losses: Callable[..., tuple[float, float]]  # (real, fake) -> (critic's loss, generator's loss)
    critic_cotangents: Callable[..., None]  # (real, fake, real_out, fake_out): dL_D / d(logits)
    generator_cotangents: Callable[..., None]  # the same of L_G
    # (real, fake, real_dot, fake_dot, real_out, fake_out): how the critic's cotangents move as the logits move
    critic_curvature: Callable[..., None]
    opposed: bool = False  # whether at generated samples the generator's cotangents are minus the critic's


class Objective(NamedTuple):
    """Two losses of (real_logits, fake_logits) [..., B] -> [...]; each reduces over the last axis only."""

    critic_loss: Callable[[Tensor, Tensor], Tensor]
    generator_loss: Callable[[Tensor, Tensor], Tensor]
    name: str
    summary: str
    formula: str  # both losses, in the field's symbols
    cite: str
    # how the critic reads: probability (sigmoid d), target (near 1/2), score (near 0), difference (up to a constant)
    scale: str
    # whether the generator's loss reads the real values, or may
    paired: bool = True
    vectors: VectorForm | None = None  # for the compiled engine; without them autograd takes the objective
    # the generator's loss as a function of the samples (real, generated) [..., B, n] instead: the critic does not play
    of_samples: Callable[[Tensor, Tensor], Tensor] | None = None
    kind = "objective"

    def parameters(self) -> dict[str, Any]:
        """None of its own."""
        return {}

    def replace(self, /, **parameters: Any) -> Objective:
        """Itself; ValueError for any parameter, since it has none."""
        for name in parameters:
            raise ValueError(f"objective {self.name!r} has no parameters, so no {brief(name)}")
        return self


@dataclass(frozen=True)
class ParametricObjective(Parametrised):
    """Base of objectives with live parameters `objective.NAME`, its fields; read as an Objective is.

    The registry holds one at its defaults; `Rule.losses` is the one at the rule's numbers. Autograd computes it.
    """

    kind: ClassVar[str] = "objective"
    summary: ClassVar[str]
    formula: ClassVar[str]
    cite: ClassVar[str]
    scale: ClassVar[str]
    paired: ClassVar[bool] = True
    vectors: ClassVar[VectorForm | None] = None
    of_samples: ClassVar[Any] = None

    def critic_loss(self, real: Tensor, fake: Tensor) -> Tensor:
        """Of logits [..., B] -> [...]."""
        raise NotImplementedError

    def generator_loss(self, real: Tensor, fake: Tensor) -> Tensor:
        """Of logits [..., B] -> [...]."""
        raise NotImplementedError


def generator_objective(objective: Objective, logits: Sequence[Tensor], samples: Sequence[Tensor], axis: int) -> Tensor:
    """The generator's loss [...] of (real, generated) logits [..., B], or of the samples [..., B, *x], as it reads.

    axis: that of the samples.
    """
    if objective.of_samples is None:
        return objective.generator_loss(*logits)
    return objective.of_samples(*(each.flatten(axis + 1) for each in samples))
