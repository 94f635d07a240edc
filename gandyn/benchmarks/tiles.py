"""Matrix products by the compiled engine's tiles, as a step computes them: block by block of samples. Needs numba."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial

import numpy as np
from numba import njit

from gandyn.core.native import products
from gandyn.core.native.caching import cached
from gandyn.core.native.products import ROWS
from gandyn.core.native.tiles import VECTOR_BYTES

LANES = VECTOR_BYTES // 4  # float32 numbers of a vector


@cached
@njit(nogil=True)
def _through_layer(W, row, column, X, n_in, Y, n_out, blocks, times):
    """Y [blocks, n_out, ROWS] = W X for X [blocks, n_in, ROWS], `times` over; W [n_out, n_in] by its distances."""
    for _ in range(times):
        for i in range(blocks):
            x, y = i * n_in * ROWS, i * n_out * ROWS
            products.matmul(W, 0, row, column, X, x, ROWS, n_in, Y, y, ROWS, n_out, ROWS, 0)


@cached
@njit(nogil=True)
def _weight_gradient(X, n_in, D, n_out, G, scratch, blocks, times):
    """G [n_in, n_out] = X D^T over all samples, `times` over: X [blocks, n_in, ROWS], D [blocks, n_out, ROWS]."""
    for _ in range(times):
        G[:] = 0
        for i in range(blocks):
            places = i * n_in * ROWS, i * n_out * ROWS
            products.add_outer(products.matmul, X, places[0], n_in, D, places[1], n_out, G, 0, -1, D, scratch)


def _blocks(samples: np.ndarray) -> np.ndarray:
    """Samples [B, n] block by block and feature by feature, [B / ROWS, n, ROWS], flat."""
    return np.ascontiguousarray(samples.reshape(-1, ROWS, samples.shape[1]).transpose(0, 2, 1)).ravel()


def by_tiles(a: np.ndarray, b: np.ndarray) -> Iterator[tuple[str, Callable[[int], object], Callable[[], np.ndarray]]]:
    """(name, what multiplies n times, what gives the result) for every place that a product a b can have in a step.

    Its samples are the rows of a, which go through a layer, or what is summed over, in the gradient of weights.
    """
    rows, inner, columns = *a.shape, b.shape[1]
    if rows % ROWS == 0:
        x, out, blocks = _blocks(a), np.empty(rows * columns, np.float32), rows // ROWS

        def through(out: np.ndarray = out) -> np.ndarray:
            return out.reshape(blocks, columns, ROWS).transpose(0, 2, 1).reshape(rows, columns)

        for name, weights, row, column in (
            ("tiles", b.ravel(), 1, columns),
            ("tiles b^T", np.ascontiguousarray(b.T).ravel(), inner, 1),
        ):
            call = partial(_through_layer, weights, row, column, x, inner, out, columns, blocks)
            yield name, call, through
    if inner % ROWS == 0:
        for name, left, right, turned in (("tiles", a.T, b, False), ("tiles, transposed", b, a.T, True)):
            n_in, n_out = left.shape[1], right.shape[1]
            out = np.empty(n_in * n_out, np.float32)
            scratch = np.empty((ROWS + n_in) * (n_out + LANES), np.float32)
            call = partial(_weight_gradient, _blocks(left), n_in, _blocks(right), n_out, out, scratch, inner // ROWS)

            def summed(out: np.ndarray = out, n_in: int = n_in, turned: bool = turned) -> np.ndarray:
                grid = out.reshape(n_in, -1)
                return grid.T if turned else grid

            yield f"{name}, summed", call, summed
