"""How good are samples on a line or in the plane? Each file registers the measures of one family.

They take up to seconds; those that are quick enough to watch are in `gandyn.probes.measures`.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

from torch import Tensor

from gandyn.core.registry import Registry, callable_package
from gandyn.core.target import Mixture, Target
from gandyn.probes.manifold import DENSITY_K, manifold
from gandyn.probes.reference import modes_of, reference
from gandyn.probes.transport import wasserstein

PAIRED = 2000  # samples of measures that look at pairs, at most


@dataclass(frozen=True, eq=False)
class Samples:
    """Samples of a target, and the real ones that they are held against."""

    target: Target
    x: Tensor  # [n, dim] in float64, finite
    unit: float  # a power of two; x / unit can be squared and summed in float32

    @property
    def mixture(self) -> Mixture | None:
        """The target's modes, where it has some."""
        return modes_of(self.target)

    def points(self) -> tuple[Tensor, Tensor]:
        """The first PAIRED samples, and as many of the stratified reference: [m, dim] in float64, as they are.

        For what compares distances with each other: in units of the largest coordinate the small ones would be lost.
        """
        m = min(len(self.x), PAIRED)
        return self.x[:m], reference(self.target, m).double()

    def clouds(self, most: int | None = None) -> tuple[Tensor, Tensor]:
        """The first samples, and as many of the stratified reference: [m, dim] in float32, in units of `unit`."""
        m = min(len(self.x), PAIRED if most is None else most)
        return (self.x[:m] / self.unit).float(), reference(self.target, m) / self.unit

    @cached_property
    def paired(self) -> tuple[float, float]:
        """(W1, W2) by the best pairing, in units of the data; of all samples on a line."""
        w1, w2 = wasserstein(*self.clouds(len(self.x) if self.x.shape[1] == 1 else None))
        return self.unit * w1, self.unit * w2

    @cached_property
    def manifold(self) -> dict[str, float]:
        """Precision, recall, density and coverage; nothing of fewer than six samples."""
        x, real = self.points()
        return manifold(real, x) if len(x) > DENSITY_K else {}


class Measure(NamedTuple):
    """A number that says how good samples are."""

    name: str
    title: str  # as a report names it
    of: Callable[[Samples], float | None]  # None where it is not defined: of too few samples, say
    form: str  # how the number is written
    better: str  # which way is better, what a perfect generator gets, and the unit
    definition: str  # in the field's symbols, with the number of samples that it takes
    cite: str
    modes: bool = False  # whether it asks for a target with modes
    worse: int = 1  # which way is worse: 1 up, -1 down
    signed: bool = False  # whether it may be below 0

    @property
    def ends(self) -> tuple[float, float]:
        """Between which it lies: a share in [0, 1]."""
        return (-math.inf if self.signed else 0.0), (1.0 if self.form.endswith("%}") else math.inf)


MEASURES: Registry[Measure] = Registry("measure", __name__)
callable_package(__name__, lambda: MEASURES)


def applicable(target: Target) -> list[Measure]:
    """The measures of samples of this target."""
    if target.shape not in ((1,), (2,)):
        return [MEASURES[name] for name in ("w1", "w2", "energy")]
    modes = modes_of(target) is not None
    return [measure for measure in MEASURES.values() if modes or not measure.modes]
