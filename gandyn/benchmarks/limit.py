"""How near a step is to what this machine can do: its matrix products at their best rate, and its random numbers.

Best is the fastest way found for a shape: by torch's own library (mostly MKL) or by oneDNN, each factor as it lies or
transposed, timed again and again on the same operands, in turn with the steps themselves. Elementwise functions, sums,
copies and Python count as nothing: a step that had none of them would reach 1.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from functools import partial
from itertools import product
from statistics import median
from typing import Any, NamedTuple

import torch
from torch import Tensor

from gandyn.benchmarks.arithmetic import Shape, operations
from gandyn.benchmarks.timing import Advance, seconds, times_in_a_burst

KEPT = 2  # ways of a shape that go on to the comparison
TRIAL = 2e-3  # s for each way in the trial before it
EXACT = 1e-5  # relative error of a product in float32; one of bfloat16 factors has 4e-3


def _by_torch(a: Tensor, b: Tensor, out: Tensor) -> Tensor:
    return torch.mm(a, b, out=out)


def _by_onednn(a: Tensor, b: Tensor, out: Tensor) -> Tensor:
    return torch.ops.mkldnn._linear_pointwise(a, b.mT, None, "none", [], "")


LIBRARIES: dict[str, Callable[[Tensor, Tensor, Tensor], Tensor]] = {"torch": _by_torch, "oneDNN": _by_onednn}


class Way(NamedTuple):
    """A way to compute products of a shape."""

    shape: Shape
    name: str


def ways(shape: Shape) -> dict[str, Advance]:
    """Every way to compute one product of that shape on this machine in float32."""
    generator = torch.Generator().manual_seed(0)
    rows, inner, columns, _ = shape
    out, found = torch.empty(rows, columns), {}
    for turned_a, turned_b in product((False, True), repeat=2):
        a = torch.randn(*((inner, rows) if turned_a else (rows, inner)), generator=generator)
        b = torch.randn(*((columns, inner) if turned_b else (inner, columns)), generator=generator)
        factors = a.mT if turned_a else a, b.mT if turned_b else b, out
        exact = factors[0].double() @ factors[1].double()
        for library, multiply in LIBRARIES.items():
            name = " ".join([library, *["a^T"] * turned_a, *["b^T"] * turned_b])
            try:
                error = float((multiply(*factors).double() - exact).norm() / exact.norm())
            except (RuntimeError, AttributeError):  # a torch without oneDNN
                continue
            if error < EXACT:
                found[name] = _repeat(partial(multiply, *factors))
    return found


def _repeat(call: Callable[[], object]) -> Advance:
    def advance(n: int) -> None:
        for _ in range(n):
            call()

    return advance


def fastest(products: Counter[Shape]) -> dict[Way, Advance]:
    """The KEPT fastest ways of every shape, by a short trial."""
    found: dict[Way, Advance] = {}
    for shape in products:
        tried = {}
        for name, call in ways(shape).items():
            n = times_in_a_burst(call, TRIAL)
            tried[name, call] = min(seconds(call, n) / n for _ in range(3))
        for name, call in sorted(tried, key=lambda way: tried[way])[:KEPT]:
            found[Way(shape, name)] = call
    return found


def distance(
    steps: list[float], draws: list[float], found: Mapping[Way, list[float]], products: Counter[Shape]
) -> dict[str, Any]:
    """What share of a step's time the limit is, from CPU seconds by round: of steps, of draws, of one product each way.

    `share` takes every shape at its own best rate, `strict` all operations at the best rate of any shape.
    """
    best = {shape: min((w for w in found if w.shape == shape), key=lambda w: median(found[w])) for shape in products}
    total = operations(products)
    shares, stricts, limits = [], [], []
    for i, (step, draw) in enumerate(zip(steps, draws, strict=True)):
        each = {shape: found[way][i] for shape, way in best.items()}
        limit = draw + sum(each[shape] * times for shape, times in products.items())
        limits.append(limit)
        shares.append(limit / step)
        stricts.append((draw + total / max(shape.operations / each[shape] for shape in each)) / step)
    return {
        "operations": total,
        "products": sum(products.values()),
        "best_rate": median(max(s.operations / found[w][i] for s, w in best.items()) for i in range(len(steps))),
        "random_numbers": median(draws),
        "limit": median(limits),
        "share": median(shares),
        "low": min(shares),
        "high": max(shares),
        "strict": median(stricts),
        "shapes": [
            {"rows": s.rows, "inner": s.inner, "columns": s.columns, "times": products[s], "way": w.name,
             "rate": s.operations / median(found[w])}
            for s, w in best.items()
        ],
    }  # fmt: skip
