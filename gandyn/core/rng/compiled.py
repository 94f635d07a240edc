"""The random numbers in compiled code, which holds no lock of the interpreter. Needs numba.

Every operation is rounded by itself, as in NumPy: no fused multiply-add, no reordering, so no fastmath here.
"""

import math
from typing import Any

import numpy as np
from numba import njit
from numpy import ndarray

from gandyn.core.native.caching import cached
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
M0, M1 = u64(MULTIPLIERS[0]), u64(MULTIPLIERS[1])
W0, W1 = u32(WEYL[0]), u32(WEYL[1])
L0, L1, L2, L3, L4, L5, L6, L7, L8 = (f32(c) for c in LOG)
S0, S1, S2 = (f32(c) for c in SIN)
C0, C1, C2 = (f32(c) for c in COS)
HIGH, LOW, HALF_ROOT, RADIANS = f32(LN2_HIGH), f32(LN2_LOW), f32(ROOT_HALF), f32(ANGLE)
CHUNK = 64 * LANES  # blocks that are computed before they are used: they stay in the first cache


@njit(nogil=True)
def _blocks(w: ndarray, first: Any, m: Any, seed: Any, step: Any, update: Any, stream: Any) -> None:
    """Words w [4, m] of the blocks first, first + 1, ..."""
    k0, k1 = u32(seed & u64(0xFFFFFFFF)), u32(seed >> u64(32))
    for i in range(m):
        c0, c1, c2, c3 = u32(first + i), u32(step), u32(update), u32(stream)
        a0, a1 = k0, k1
        for _ in range(ROUNDS):
            p, q = u64(c0) * M0, u64(c2) * M1
            c0, c1, c2, c3 = u32(u32(q >> u64(32)) ^ c1 ^ a0), u32(q), u32(u32(p >> u64(32)) ^ c3 ^ a1), u32(p)
            a0, a1 = u32(a0 + W0), u32(a1 + W1)
        w[0, i], w[1, i], w[2, i], w[3, i] = c0, c1, c2, c3


@njit(nogil=True)
def _log(x: Any) -> Any:
    """ln x of a positive float32."""
    bits = np.float32(x).view(np.int32)
    e = i32((bits >> i32(23)) - i32(126))
    m = np.int32((bits & i32(0x7FFFFF)) | i32(0x3F000000)).view(np.float32)  # in [1/2, 1)
    small = m < HALF_ROOT
    e = i32(e - i32(1)) if small else e
    m = (m + m if small else m) - f32(1)
    z = m * m
    p = m * L0 + L1
    p = p * m + L2
    p = p * m + L3
    p = p * m + L4
    p = p * m + L5
    p = p * m + L6
    p = p * m + L7
    p = p * m + L8
    y = p * m * z
    f = f32(e)
    y = y + f * LOW
    y = y - f32(0.5) * z
    return (m + y) + f * HIGH


@njit(nogil=True)
def _pair(radius: Any, angle: Any) -> tuple[Any, Any]:
    """Two independent standard normal numbers of two words: (r sin t, r cos t)."""
    u = f32(radius) * f32(2.0**-32) + f32(2.0**-33)
    r = f32(math.sqrt(f32(-2) * _log(u)))
    quarter = i32(u32(angle + u32(0x20000000)) >> u32(30))
    x = f32(i32(u32(angle - u32(u32(quarter) << u32(30))))) * RADIANS
    z = x * x
    s = ((z * S0 + S1) * z + S2) * z * x + x
    c = ((z * C0 + C1) * z + C2) * z * z - f32(0.5) * z + f32(1)
    odd = (quarter & i32(1)) != i32(0)
    sine, cosine = (c if odd else s), (s if odd else c)
    sine = -sine if quarter >= i32(2) else sine
    cosine = -cosine if ((quarter + i32(1)) & i32(2)) != i32(0) else cosine
    return r * sine, r * cosine


@cached
@njit(nogil=True)
def _fill_words(out: ndarray, seeds: ndarray, steps: ndarray, updates: ndarray, stream: int) -> None:
    groups = (out.shape[1] + GROUP - 1) // GROUP
    w = np.empty((4, CHUNK), u32)
    for place in range(out.shape[0]):
        for first in range(0, groups * LANES, CHUNK):
            m = min(CHUNK, groups * LANES - first)
            _blocks(w, first, m, seeds[place], steps[place], updates[place], stream)
            for g in range(m // LANES):
                start = 4 * first + g * GROUP
                for k in range(min(GROUP, out.shape[1] - start)):
                    out[place, start + k] = w[k // LANES, g * LANES + k % LANES]


@cached
@njit(nogil=True)
def _fill_uniform(out: ndarray, seeds: ndarray, steps: ndarray, updates: ndarray, stream: int) -> None:
    count = out.shape[1]
    groups = (count + GROUP - 1) // GROUP
    w, last = np.empty((4, CHUNK), u32), np.empty(GROUP, f32)
    for place in range(out.shape[0]):
        for first in range(0, groups * LANES, CHUNK):
            m = min(CHUNK, groups * LANES - first)
            _blocks(w, first, m, seeds[place], steps[place], updates[place], stream)
            for g in range(m // LANES):
                start = 4 * first + g * GROUP
                whole = start + GROUP <= count
                to = out[place, start : start + GROUP] if whole else last
                for j in range(4):
                    for i in range(LANES):
                        to[j * LANES + i] = f32(i32(w[j, g * LANES + i] >> u32(8))) * f32(2.0**-24)
                if not whole:
                    for k in range(count - start):
                        out[place, start + k] = last[k]


@cached
@njit(nogil=True)
def _fill_normal(out: ndarray, seeds: ndarray, steps: ndarray, updates: ndarray, stream: int) -> None:
    count = out.shape[1]
    groups = (count + GROUP - 1) // GROUP
    w, last = np.empty((4, CHUNK), u32), np.empty(GROUP, f32)
    for place in range(out.shape[0]):
        for first in range(0, groups * LANES, CHUNK):
            m = min(CHUNK, groups * LANES - first)
            _blocks(w, first, m, seeds[place], steps[place], updates[place], stream)
            for g in range(m // LANES):
                start = 4 * first + g * GROUP
                whole = start + GROUP <= count
                to = out[place, start : start + GROUP] if whole else last
                for h in range(2):
                    for i in range(LANES):
                        a, b = _pair(w[2 * h, g * LANES + i], w[2 * h + 1, g * LANES + i])
                        to[2 * h * LANES + i] = a
                        to[(2 * h + 1) * LANES + i] = b
                if not whole:
                    for k in range(count - start):
                        out[place, start + k] = last[k]


def words(seeds: ndarray, stream: int, steps: ndarray, updates: ndarray, count: int) -> ndarray:
    """uint32 [places, count]: the words of places given by arrays [places], uint64 seeds and int64 steps, updates."""
    out = np.empty((len(seeds), count), u32)
    _fill_words(out, seeds, steps, updates, stream)
    return out


def uniform(seeds: ndarray, stream: int, steps: ndarray, updates: ndarray, count: int) -> ndarray:
    """float32 [places, count] in [0, 1)."""
    out = np.empty((len(seeds), count), f32)
    _fill_uniform(out, seeds, steps, updates, stream)
    return out


def normal(seeds: ndarray, stream: int, steps: ndarray, updates: ndarray, count: int) -> ndarray:
    """float32 [places, count], standard normal."""
    out = np.empty((len(seeds), count), f32)
    _fill_normal(out, seeds, steps, updates, stream)
    return out
