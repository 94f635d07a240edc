"""The arrays that a call of the kernel writes into; each thread has its own and keeps the last few."""

from __future__ import annotations

import math
import threading
from collections.abc import Callable
from typing import Any

import numpy as np

from gandyn.core.native.networks import Network
from gandyn.core.native.penalties import POINTS, SHAPES, PenaltyMemory
from gandyn.core.native.products import ROWS
from gandyn.core.native.records import AheadMemory, Memory, NativeGame, SecondMemory
from gandyn.core.rng.compiled import CHUNK

LINE = 64  # bytes of a line of the cache
KEPT = 4  # sets of arrays a thread keeps: as many games or rules may take turns


def blocks_of(samples: int) -> int:
    """How many blocks of ROWS samples a minibatch fills."""
    return -(-samples // ROWS)


def _tape(network: Network, blocks: int) -> int:
    return int(ROWS * blocks * network.sizes.sum())


def _parameters(network: Network) -> int:
    bias = sum(int(n) for n, place in zip(network.sizes, network.biases, strict=True) if place >= 0)
    return bias + int((network.sizes[:-1] * network.sizes[1:]).sum())


def _aligned_zeros(shape: tuple[int, ...], dtype: np.dtype) -> np.ndarray:
    """Zeros that begin where a line of the cache does: a register's worth that lies in two costs two accesses."""
    count = math.prod(shape)
    memory = np.zeros(count + LINE // dtype.itemsize, dtype)
    start = -memory.ctypes.data % LINE // dtype.itemsize
    return memory[start : start + count].reshape(shape)


def _whole_lines(count: int, elements: int) -> int:
    """The least multiple of a line's elements from `count` on."""
    return -(-count // elements) * elements


class Arrays:
    """All memory of one game at one batch size: what the kernel takes, by name; None where a feature is not used.

    old: [3, P_D], the critic as it stood when the step began, with its moments; None where both players move together.
    """

    def __init__(
        self, game: NativeGame, samples: int, parts: int, unroll: int, second: bool, together: bool, penalty: Any,
        dtype: np.dtype,
    ) -> None:  # fmt: skip
        def zeros(*shape: int) -> np.ndarray:
            return _aligned_zeros(shape, dtype)

        g, d, blocks = game.generator, game.critic, blocks_of(samples)
        size_g, size_d, tape_d = _parameters(g), _parameters(d), _tape(d, 2 * blocks)
        widest = int(max(g.sizes.max(), d.sizes.max()))
        lanes = 64 // dtype.itemsize
        self.blocks = blocks
        self.memory = Memory(
            zeros(_tape(g, blocks)), zeros(_tape(g, blocks)), zeros(unroll + 1, tape_d), zeros(unroll + 1, tape_d),
            zeros(tape_d), zeros(parts, size_g), zeros(parts, size_d), np.ones(ROWS, dtype),
            np.zeros(3, np.int64), zeros(parts, _whole_lines((ROWS + widest) * (widest + lanes), lanes)),
            np.zeros((parts, 4, CHUNK), np.uint32),
        )  # fmt: skip
        self.old = None if together else zeros(3, size_d)
        self.ahead = AheadMemory(*(zeros(unroll + 1, size_d) for _ in AheadMemory._fields)) if unroll else None
        self.second = None
        if second:
            fake = zeros(int(ROWS * blocks * d.sizes[0]))
            self.second = SecondMemory(zeros(tape_d), zeros(tape_d), *(zeros(size_d) for _ in range(4)), fake=fake)
        self.penalty = None
        if penalty is not None:
            points = np.array([POINTS.index(where) for where, _ in penalty])
            shapes = np.array([SHAPES.index(shape) for _, shape in penalty])
            self.penalty = PenaltyMemory(points, shapes, *(zeros(_tape(d, blocks)) for _ in range(4)))


class _Recent(threading.local):
    def __init__(self) -> None:
        self.kept: dict[object, Arrays] = {}


_recent = _Recent()


def arrays_for(key: object, make: Callable[[], Arrays]) -> Arrays:
    """This thread's arrays for that key; those used longest ago make room."""
    kept = _recent.kept
    arrays = kept.pop(key, None)
    if arrays is None:
        while len(kept) >= KEPT:
            kept.pop(next(iter(kept)))
        arrays = make()
    kept[key] = arrays
    return arrays


def forget_arrays() -> None:
    """New ones for this thread from now on: others may still write into those that it has."""
    _recent.kept.clear()
