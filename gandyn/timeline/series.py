"""The time series of a run: one row a step, bounded in memory, the recent half complete."""

from __future__ import annotations

import threading
from typing import Any

import numpy as np
import torch

from gandyn.core.types import Metrics

CAPACITY = 1 << 17
FLUSH = 512  # steps between transfers from the device: no synchronisation per step
COLUMNS = (*Metrics._fields, "unroll")


class Series:
    """Steps and metrics, appended by the thread that steps and read by any other.

    When `capacity` rows are full, every second row is dropped: the whole history stays, the older part thinner.
    With N lanes a row is [columns, N], and there is room for fewer of them.
    """

    def __init__(self, lanes: int | None = None, capacity: int = CAPACITY) -> None:
        self._lanes = () if lanes is None else (lanes,)
        self._capacity = capacity if lanes is None else max(2 * FLUSH, capacity // lanes)
        self._lock = threading.Lock()
        self._pending: list[tuple[int, int, Metrics]] = []  # last step, unroll, metrics [steps, (N)]
        self._waiting = 0  # steps among them
        self._steps = np.zeros(0, np.int64)
        self._rows = np.zeros((0, len(COLUMNS), *self._lanes), np.float64)
        self._count = 0

    def extend(self, last: int, unroll: int, metrics: Metrics) -> None:
        """The metrics [steps, (N)] of the steps up to number `last`; they stay tensors until somebody reads."""
        self._pending.append((last, unroll, metrics))
        self._waiting += len(metrics.f)
        if self._waiting >= FLUSH:
            self._flush()

    def _flush(self) -> None:
        with self._lock:
            pending, self._pending, self._waiting = self._pending, [], 0
            if not pending:
                return
            values = torch.cat([torch.stack(tuple(m), 1) for _, _, m in pending]).double().cpu().numpy()
            counts = [len(m.f) for _, _, m in pending]
            steps = np.concatenate(
                [np.arange(last - n + 1, last + 1) for (last, _, _), n in zip(pending, counts, strict=True)]
            )
            unroll = np.repeat([float(unroll) for _, unroll, _ in pending], counts)
            unroll = np.broadcast_to(unroll.reshape(-1, *[1] * (values.ndim - 1)), (len(values), 1, *values.shape[2:]))
            self._extend_all(steps, np.concatenate([values, unroll], 1))

    def _extend_all(self, steps: np.ndarray, rows: np.ndarray) -> None:
        piece = max(1, self._capacity // 2)
        for start in range(0, len(steps), piece):
            self._extend(steps[start : start + piece], rows[start : start + piece])

    def _extend(self, steps: np.ndarray, rows: np.ndarray) -> None:
        need = self._count + len(steps)
        if need > self._capacity:
            keep = slice(self._count % 2, self._count, 2)
            self._steps, self._rows = self._steps[keep].copy(), self._rows[keep].copy()
            self._count = len(self._steps)
            need = self._count + len(steps)
        if need > len(self._steps):
            grown = min(self._capacity, max(1024, 2 * need))
            self._steps = np.resize(self._steps, grown)
            more = np.zeros((grown - len(self._rows), *self._rows.shape[1:]))
            self._rows = np.concatenate([self._rows, more])
        self._steps[self._count : need], self._rows[self._count : need] = steps, rows
        self._count = need

    def read(self, until: int | None = None) -> tuple[np.ndarray, np.ndarray]:
        """(steps [n], rows [n, columns]) as copies, [n, columns, N] with lanes; columns as in COLUMNS.

        `until`: of the steps up to there alone.
        """
        self._flush()
        with self._lock:
            steps = self._steps[: self._count]
            count = self._count if until is None else int(np.searchsorted(steps, until, side="right"))
            return steps[:count].copy(), self._rows[:count].copy()

    def last(self) -> dict[str, Any]:
        """The metrics of the last step by name, [N] each with lanes; empty before the first."""
        self._flush()
        with self._lock:
            if not self._count:
                return {}
            row = self._rows[self._count - 1]
            return dict(zip(Metrics._fields, row.copy() if self._lanes else map(float, row), strict=False))

    def cut(self, step: int) -> None:
        """Forget everything after `step`."""
        self._flush()
        with self._lock:
            self._count = int(np.searchsorted(self._steps[: self._count], step, side="right"))

    def load(self, steps: np.ndarray, rows: np.ndarray) -> None:
        """Replace the contents by what `read` returned once."""
        with self._lock:
            self._pending, self._waiting, self._count = [], 0, 0
            self._extend_all(steps, rows)


def thin(steps: np.ndarray, most: int) -> np.ndarray:
    """Indices of at most about `most` rows, always of the same steps as the series grows: a curve does not shimmer."""
    if len(steps) <= most:
        return np.arange(len(steps))
    stride = 1
    while steps[-1] - steps[0] > stride * most:
        stride *= 2
    picked = np.flatnonzero(steps % stride == 0)
    return picked if len(picked) and picked[-1] == len(steps) - 1 else np.append(picked, len(steps) - 1)
