"""How near a step is to what this machine can do: its matrix products at their best rate, and its random numbers.

Best is the fastest way to compute a shape in float32 (products.py), timed again and again on the same operands, in turn
with the steps themselves; normal numbers by the generator of the runs. Elementwise functions, sums, copies, uniform
numbers and Python count as nothing: a step that had none of them would reach 1.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from statistics import median
from typing import Any

from gandyn.benchmarks.arithmetic import Shape, normals_of, operations
from gandyn.benchmarks.products import Way
from gandyn.benchmarks.timing import Timed, by_cpu
from gandyn.core.experiment import Experiment
from gandyn.core.rng import Places

NORMALS = "normal numbers"


def normals(experiment: Experiment) -> Timed:
    """Drawing as many normal numbers as a step takes."""
    count = normals_of(experiment)

    def draw(n: int) -> None:
        for step in range(n):
            Places(0, step).normal("z", (count,))

    return by_cpu(draw)


def distance(
    steps: list[float], draws: list[float], times: Mapping[Way, list[float]], products: Counter[Shape]
) -> dict[str, Any]:
    """What share of a step's time the limit is, from CPU seconds by round: of steps, of draws, of one product each way.

    `share` takes every shape at its own best rate, `strict` all operations at the best rate of any shape.
    """
    best = {shape: min((w for w in times if w.shape == shape), key=lambda w: median(times[w])) for shape in products}
    total = operations(products)
    shares, stricts, limits = [], [], []
    for i, (step, draw) in enumerate(zip(steps, draws, strict=True)):
        each = {shape: times[way][i] for shape, way in best.items()}
        limit = draw + sum(each[shape] * count for shape, count in products.items())
        limits.append(limit)
        shares.append(limit / step)
        stricts.append((draw + total / max(shape.operations / each[shape] for shape in each)) / step)
    return {
        "operations": total,
        "products": sum(products.values()),
        "best_rate": median(max(s.operations / times[w][i] for s, w in best.items()) for i in range(len(steps))),
        "random_numbers": median(draws),
        "limit": median(limits),
        "share": median(shares),
        "low": min(shares),
        "high": max(shares),
        "strict": median(stricts),
        "shapes": [
            {"rows": s.rows, "inner": s.inner, "columns": s.columns, "times": products[s], "way": w.name,
             "rate": s.operations / median(times[w])}
            for s, w in best.items()
        ],
    }  # fmt: skip
