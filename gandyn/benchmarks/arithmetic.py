"""The matrix products of a step, counted by their shape as they are computed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any, NamedTuple

from torch import Tensor
from torch.utils._python_dispatch import TorchDispatchMode

from gandyn.core.dynamics import step
from gandyn.core.experiment import Experiment
from gandyn.core.play import draw_batches, init
from gandyn.core.rng import Rng


class Shape(NamedTuple):
    """Of a product of [rows, inner] and [inner, columns]; `lanes` of them at once."""

    rows: int
    inner: int
    columns: int
    lanes: int = 1

    @property
    def operations(self) -> int:
        """Multiplications and additions."""
        return 2 * self.rows * self.inner * self.columns * self.lanes


def _shape(a: Tensor, b: Tensor) -> Shape:
    return Shape(a.shape[-2], a.shape[-1], b.shape[-1], a.shape[0] if a.ndim == 3 else 1)


# Where the factors stand among the arguments of each operation that multiplies matrices.
FACTORS: dict[str, Callable[[Any], Shape]] = {
    "aten::mm": lambda args: _shape(args[0], args[1]),
    "aten::bmm": lambda args: _shape(args[0], args[1]),
    "aten::addmm": lambda args: _shape(args[1], args[2]),
    "aten::addmm_": lambda args: _shape(args[1], args[2]),
    "aten::baddbmm": lambda args: _shape(args[1], args[2]),
    "aten::baddbmm_": lambda args: _shape(args[1], args[2]),
    "mkldnn::_linear_pointwise": lambda args: _shape(args[0], args[1].mT),
    "mkldnn::_linear_pointwise.binary": lambda args: _shape(args[0], args[2].mT),  # args[1] is added
}


class Counting(TorchDispatchMode):
    """Counts the products that are computed while it is on, by shape."""

    def __init__(self) -> None:
        super().__init__()
        self.found: Counter[Shape] = Counter()

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        operation = func._schema.name
        name = f"{operation}.binary" if func._overloadname == "binary" else operation
        if name in FACTORS:
            self.found[FACTORS[name](args)] += 1
        return func(*args, **(kwargs or {}))


def products_of(experiment: Experiment) -> Counter[Shape]:
    """The matrix products of one step in autograd, by shape and how often."""
    state = init(experiment.game, experiment.seed)
    batches = draw_batches(experiment, Rng(experiment.seed))
    with Counting() as counting:
        step(experiment.game, experiment.rule, state, batches, experiment.knobs)
    return counting.found


def operations(products: Counter[Shape]) -> int:
    """Floating-point operations of them all."""
    return sum(shape.operations * times for shape, times in products.items())
