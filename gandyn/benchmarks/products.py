"""The ways to compute one float32 matrix product on this machine, on one thread: MKL, OpenBLAS, the engine's tiles.

The first is torch's library (on other processors than Intel's and AMD's another one), the second NumPy's. Each has its
factors as they lie or transposed. A way counts only if its result is exact to float32: libraries may use bfloat16 where
they are allowed to, at a multiple of the rate and with two digits less than a step needs.
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from itertools import product
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch

from gandyn.benchmarks.arithmetic import Shape
from gandyn.benchmarks.timing import Timed, by_cpu, times_in_a_burst
from gandyn.core.native import INSTALLED

KEPT = 2  # ways of a shape that go on to the comparison
TRIAL = 2e-3  # s for each way in the trial before it
EXACT = 1e-5  # relative error of a product in float32; one of bfloat16 factors has 4e-3

SET_THREADS = ("scipy_openblas_set_num_threads64_", "scipy_openblas_set_num_threads", "openblas_set_num_threads")
Multiply = Callable[[int], object]  # computes the product n times


class Way(NamedTuple):
    """A way to compute products of a shape."""

    shape: Shape
    name: str


@contextmanager
def openblas_on_one_thread() -> Iterator[bool]:
    """Whether NumPy's OpenBLAS computes on one thread within: False where it cannot be asked to."""
    for path in (Path(np.__file__).parents[1] / "numpy.libs").glob("*openblas*"):
        library = ctypes.CDLL(str(path))
        for name in SET_THREADS:
            if hasattr(library, name):
                before = getattr(library, name.replace("_set_", "_get_"))()
                getattr(library, name)(1)
                try:
                    yield True
                finally:
                    getattr(library, name)(before)
                return
    yield False


def _repeated(call: Callable[[], object]) -> Multiply:
    def multiply(n: int) -> None:
        for _ in range(n):
            call()

    return multiply


def _by_libraries(
    a: np.ndarray, b: np.ndarray, openblas: bool
) -> Iterator[tuple[str, Multiply, Callable[[], np.ndarray]]]:
    """(name, what multiplies, what gives the result) for every layout of both factors."""
    for turned_a, turned_b in product((False, True), repeat=2):
        left, right = (np.asfortranarray(x) if turned else x for x, turned in ((a, turned_a), (b, turned_b)))
        layout = ["a^T"] * turned_a + ["b^T"] * turned_b
        out = np.empty((len(a), b.shape[1]), np.float32)
        factors = torch.from_numpy(left), torch.from_numpy(right)
        by_torch = partial(torch.mm, *factors, out=torch.from_numpy(out))
        yield " ".join(["torch", *layout]), _repeated(by_torch), lambda out=out: out
        if openblas:
            other = np.empty_like(out)
            by_numpy = partial(np.matmul, left, right, out=other)
            yield " ".join(["OpenBLAS", *layout]), _repeated(by_numpy), lambda other=other: other


def ways(shape: Shape, openblas: bool) -> dict[str, Timed]:
    """Every way to compute one product of that shape, that is exact enough, by CPU time."""
    generator = np.random.default_rng(0)
    a = generator.standard_normal((shape.rows, shape.inner), np.float32)
    b = generator.standard_normal((shape.inner, shape.columns), np.float32)
    exact = a.astype(np.float64) @ b.astype(np.float64)
    candidates = list(_by_libraries(a, b, openblas))
    if INSTALLED:
        from gandyn.benchmarks.tiles import by_tiles

        candidates += by_tiles(a, b)
    accurate = {}
    for name, multiply, result in candidates:
        multiply(1)
        if np.linalg.norm(result() - exact) < EXACT * np.linalg.norm(exact):
            accurate[name] = by_cpu(multiply)
    return accurate


def fastest(shapes: Iterator[Shape] | list[Shape], openblas: bool) -> dict[Way, Timed]:
    """The KEPT fastest ways of every shape, by a short trial."""
    kept: dict[Way, Timed] = {}
    for shape in shapes:
        tried = {}
        for name, call in ways(shape, openblas).items():
            n = times_in_a_burst(call, TRIAL)
            tried[name, call] = min(call(n) / n for _ in range(3))
        for name, call in sorted(tried, key=lambda way: tried[way])[:KEPT]:
            kept[Way(shape, name)] = call
    return kept
