"""Quantile bands: where most of the curves of many runs lie."""

from __future__ import annotations

import numpy as np

from gandyn.live.frame import Column, column

#: column of a source: quantile
QUANTILES = {"p10": 0.1, "p25": 0.25, "p50": 0.5, "p75": 0.75, "p90": 0.9}


def quantiles(values: np.ndarray, at: np.ndarray) -> np.ndarray:
    """The quantiles `at` [q] of every row of values [n, N], among what is finite in it: [n, q], NaN for nothing.

    As np.nanquantile, which goes row by row in Python.
    """
    rows = np.sort(np.where(np.isfinite(values), values, np.nan), axis=1)  # NaN comes last
    last = np.isfinite(rows).sum(1, keepdims=True) - 1
    place = np.maximum(last, 0) * at
    low = np.floor(place).astype(int)
    below, above = (np.take_along_axis(rows, np.minimum(i, np.maximum(last, 0)), 1) for i in (low, low + 1))
    return below + (place - low) * (above - below)


def bands(source: str, steps: np.ndarray, values: np.ndarray) -> list[Column]:
    """The source's columns: step [n], and the quantiles over the lanes of values [n, N] at these steps."""
    levels = quantiles(values, np.array(list(QUANTILES.values())))
    known = np.isfinite(levels[:, 0])
    return [column(source, "step", steps[known])] + [
        column(source, name, levels[known, i]) for i, name in enumerate(QUANTILES)
    ]
