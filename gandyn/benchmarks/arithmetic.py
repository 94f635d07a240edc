"""The matrix products of a step, counted by their shape as they are computed, and its random numbers."""

from __future__ import annotations

from collections import Counter
from typing import Any, NamedTuple

from torch.utils._python_dispatch import TorchDispatchMode

from gandyn.core.dynamics import step
from gandyn.core.experiment import Experiment
from gandyn.core.play import draw_batches, init
from gandyn.core.rng import Rng


class Shape(NamedTuple):
    """Of a product of [rows, inner] and [inner, columns]."""

    rows: int
    inner: int
    columns: int

    @property
    def operations(self) -> int:
        """Multiplications and additions."""
        return 2 * self.rows * self.inner * self.columns


# Where the first factor stands among the arguments of each operation that multiplies matrices.
FACTORS = {"aten::mm": 0, "aten::addmm": 1, "aten::addmm_": 1}
STACKS = ("aten::bmm", "aten::baddbmm", "aten::baddbmm_")


class Counting(TorchDispatchMode):
    """Counts the products that are computed while it is on, by shape; those of one GAN, so no stacks of them."""

    def __init__(self) -> None:
        super().__init__()
        self.products: Counter[Shape] = Counter()

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        name = func._schema.name
        if name in STACKS:
            raise ValueError(f"{name}: stacks of products are not counted")
        if name in FACTORS:
            a, b = args[FACTORS[name] :][:2]
            rows, inner = a.shape
            self.products[Shape(rows, inner, b.shape[1])] += 1
        return func(*args, **(kwargs or {}))


def products_of(experiment: Experiment) -> Counter[Shape]:
    """The matrix products of one step in autograd, by shape and how often."""
    state = init(experiment.game, experiment.seed)
    batches = draw_batches(experiment, Rng(experiment.seed))
    with Counting() as counting:
        step(experiment.game, experiment.rule, state, batches, experiment.knobs)
    return counting.products


def operations(products: Counter[Shape]) -> int:
    """Floating-point operations of them all."""
    return sum(shape.operations * times for shape, times in products.items())


def normals_of(experiment: Experiment) -> int:
    """How many normal random numbers the batches of one step take: of the latents and of the data."""
    game, each = experiment.game, experiment.target.normals
    if game.latent.law == "normal":
        each += game.latent.size
    return each * experiment.rule.batch_size * len(draw_batches(experiment, Rng(experiment.seed)))
