"""The random numbers in NumPy, for machines without numba: slower, the same bits."""

from collections.abc import Callable, Iterator

import numpy as np
from numpy import ndarray

from gandyn.core.rng.formulas import (
    ANGLE,
    COS,
    GROUP,
    LANES,
    LN2_HIGH,
    LN2_LOW,
    LOG,
    MULTIPLIERS,
    ROOT_HALF,
    ROUNDS,
    SIN,
    WEYL,
)

f32, i32, u32, u64 = np.float32, np.int32, np.uint32, np.uint64
CHUNK = 2**14  # blocks at a time: their arrays stay in the second cache, and memory stays bounded


def philox(counter: tuple[ndarray, ...], key: tuple[ndarray, ndarray]) -> tuple[ndarray, ...]:
    """The four words of Philox4x32-10 of every counter and key, broadcast against each other; all uint32."""
    c0, c1, c2, c3 = counter
    k0, k1 = key
    for r in range(ROUNDS):
        p, q = c0.astype(u64) * u64(MULTIPLIERS[0]), c2.astype(u64) * u64(MULTIPLIERS[1])
        a0, a1 = k0 + u32(r * WEYL[0] & 0xFFFFFFFF), k1 + u32(r * WEYL[1] & 0xFFFFFFFF)
        c0, c1, c2, c3 = _high(q) ^ c1 ^ a0, q.astype(u32), _high(p) ^ c3 ^ a1, p.astype(u32)
    return c0, c1, c2, c3


def _high(product: ndarray) -> ndarray:
    return (product >> u64(32)).astype(u32)


def log(x: ndarray) -> ndarray:
    """ln x of positive float32."""
    bits = x.view(i32)
    e = (bits >> i32(23)) - i32(126)
    m = ((bits & i32(0x7FFFFF)) | i32(0x3F000000)).view(f32)  # in [1/2, 1)
    small = m < f32(ROOT_HALF)
    e = e - small.astype(i32)
    m = np.where(small, m + m, m) - f32(1)
    z = m * m
    p = m * f32(LOG[0]) + f32(LOG[1])
    for c in LOG[2:]:
        p = p * m + f32(c)
    y = p * m * z
    f = e.astype(f32)
    y = y + f * f32(LN2_LOW)
    y = y - f32(0.5) * z
    return (m + y) + f * f32(LN2_HIGH)


def pair(radius: ndarray, angle: ndarray) -> tuple[ndarray, ndarray]:
    """Two independent standard normal numbers of every two words: (r sin t, r cos t)."""
    u = radius.astype(f32) * f32(2.0**-32) + f32(2.0**-33)
    r = np.sqrt(f32(-2) * log(u))
    quarter = (angle + u32(0x20000000)) >> u32(30)
    x = (angle - (quarter << u32(30))).view(i32).astype(f32) * f32(ANGLE)
    z = x * x
    s = ((z * f32(SIN[0]) + f32(SIN[1])) * z + f32(SIN[2])) * z * x + x
    c = ((z * f32(COS[0]) + f32(COS[1])) * z + f32(COS[2])) * z * z - f32(0.5) * z + f32(1)
    odd = (quarter & u32(1)) != 0
    sine, cosine = np.where(odd, c, s), np.where(odd, s, c)
    sine = np.where(quarter >= u32(2), -sine, sine)
    cosine = np.where(((quarter + u32(1)) & u32(2)) != 0, -cosine, cosine)
    return r * sine, r * cosine


Four = Callable[[tuple[ndarray, ...]], tuple[ndarray, ...]]


def words(seeds: ndarray, stream: int, steps: ndarray, updates: ndarray, count: int) -> ndarray:
    """uint32 [places, count]: the words of places given by arrays [places], uint64 seeds and int64 steps, updates."""
    return _fill(seeds, stream, steps, updates, np.empty((len(seeds), count), u32), lambda w: w)


def uniform(seeds: ndarray, stream: int, steps: ndarray, updates: ndarray, count: int) -> ndarray:
    """float32 [places, count] in [0, 1)."""

    def four(w: tuple[ndarray, ...]) -> tuple[ndarray, ...]:
        return tuple((one >> u32(8)).astype(f32) * f32(2.0**-24) for one in w)

    return _fill(seeds, stream, steps, updates, np.empty((len(seeds), count), f32), four)


def normal(seeds: ndarray, stream: int, steps: ndarray, updates: ndarray, count: int) -> ndarray:
    """float32 [places, count], standard normal."""

    def four(w: tuple[ndarray, ...]) -> tuple[ndarray, ...]:
        return (*pair(w[0], w[1]), *pair(w[2], w[3]))

    return _fill(seeds, stream, steps, updates, np.empty((len(seeds), count), f32), four)


def _fill(seeds: ndarray, stream: int, steps: ndarray, updates: ndarray, out: ndarray, four: Four) -> ndarray:
    """`four` makes of the four words of each block its four numbers, which are laid out in out [places, count]."""
    count = out.shape[1]
    keys = (seeds & u64(0xFFFFFFFF)).astype(u32), (seeds >> u64(32)).astype(u32)
    at = steps.astype(u32), updates.astype(u32)
    for rows, first, blocks in _chunks(len(seeds), -(-count // GROUP) * LANES):
        k0, k1, step, update = (one[rows, None] for one in (*keys, *at))
        block = np.arange(first, first + blocks, dtype=u32)[None]
        numbers = four(philox((block, step, update, np.full((1, 1), stream, u32)), (k0, k1)))
        grouped = np.stack([one.reshape(-1, blocks // LANES, LANES) for one in numbers], 2).reshape(-1, 4 * blocks)
        part = out[rows, 4 * first : 4 * (first + blocks)]
        part[...] = grouped[:, : part.shape[1]]
    return out


def _chunks(places: int, blocks: int) -> Iterator[tuple[slice, int, int]]:
    """(places, first block, number of blocks) of about CHUNK blocks each, whole groups of them."""
    if not blocks:
        return
    rows, wide = max(CHUNK // blocks, 1), min(blocks, CHUNK)
    for row in range(0, places, rows):
        for first in range(0, blocks, wide):
            yield slice(row, row + rows), first, min(wide, blocks - first)
