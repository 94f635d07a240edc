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
W0, W1 = u64(WEYL[0]), u64(WEYL[1])
LOW_BITS = u64(0xFFFFFFFF)
L0, L1, L2, L3, L4, L5, L6, L7, L8 = (f32(c) for c in LOG)
S0, S1, S2 = (f32(c) for c in SIN)
C0, C1, C2 = (f32(c) for c in COS)
HIGH, LOW, HALF_ROOT, RADIANS = f32(LN2_HIGH), f32(LN2_LOW), f32(ROOT_HALF), f32(ANGLE)
CHUNK = 32 * LANES  # blocks that are computed before they are used: they stay in the first cache
LAWS = ("uniform", "normal")  # those of `draw`, by their numbers
UNIFORM, NORMAL = range(2)


@njit(nogil=True)
def _blocks(w: ndarray, first: Any, m: Any, seed: Any, step: Any, update: Any, stream: Any) -> None:
    """Words w [4, m] of the blocks first, first + 1, ..."""
    k0, k1 = seed & LOW_BITS, seed >> u64(32)
    for i in range(m):
        # in 64 bits, of which the products read the lower 32 alone: so nothing is cut off between the rounds
        c0, c1, c2, c3 = u64(first + i), u64(step), u64(update), u64(stream)
        a0, a1 = k0, k1
        for _ in range(ROUNDS):
            p, q = (c0 & LOW_BITS) * M0, (c2 & LOW_BITS) * M1
            c0, c1, c2, c3 = (q >> u64(32)) ^ c1 ^ a0, q, (p >> u64(32)) ^ c3 ^ a1, p
            a0, a1 = a0 + W0, a1 + W1
        w[0, i], w[1, i], w[2, i], w[3, i] = u32(c0), u32(c1), u32(c2), u32(c3)


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


@njit(nogil=True)
def _words(w: ndarray, groups: Any, out: ndarray, at: Any) -> None:
    """Words w [4, ...] of so many groups of blocks in their order into out, from `at` on."""
    for g in range(groups):
        for j in range(4):
            words, to = w[j, g * LANES : (g + 1) * LANES], out[at + j * LANES : at + (j + 1) * LANES]
            for i in range(LANES):
                to[i] = words[i]
        at += GROUP


@njit(nogil=True)
def _uniforms(w: ndarray, groups: Any, out: ndarray, at: Any) -> None:
    """The same as numbers on [0, 1)."""
    for g in range(groups):
        for j in range(4):
            words, to = w[j, g * LANES : (g + 1) * LANES], out[at + j * LANES : at + (j + 1) * LANES]
            for i in range(LANES):
                to[i] = f32(i32(words[i] >> u32(8))) * f32(2.0**-24)
        at += GROUP


@njit(nogil=True)
def _normals(w: ndarray, groups: Any, out: ndarray, at: Any) -> None:
    """The same as standard normal numbers."""
    for g in range(groups):
        for h in range(0, 4, 2):
            to = out[at + h * LANES : at + (h + 2) * LANES]
            for i in range(LANES):
                to[i], to[LANES + i] = _pair(w[h, g * LANES + i], w[h + 1, g * LANES + i])
        at += GROUP


@njit(nogil=True)
def _numbers(law: Any, w: ndarray, groups: Any, out: ndarray, at: Any) -> None:
    if law == NORMAL:
        _normals(w, groups, out, at)
    else:
        _uniforms(w, groups, out, at)


@njit(nogil=True)
def draw(
    law: Any, out: ndarray, at: Any, first: Any, count: Any, w: ndarray, last: ndarray, seed: Any, step: Any,
    update: Any, stream: Any,
) -> None:  # fmt: skip
    """Numbers first, first + 1, ... of a stream at one place, float32, into out from `at` on; `first`: of a group.

    w [4, CHUNK] uint32, last [GROUP] float32: memory for words, and for a group that is not wanted as a whole.
    """
    while count > 0:
        some = min(count, 4 * CHUNK)
        whole, rest = some // GROUP, some % GROUP
        _blocks(w, first // 4, (whole + (rest > 0)) * LANES, seed, step, update, stream)
        _numbers(law, w, whole, out, at)
        if rest > 0:
            _numbers(law, w[:, whole * LANES :], 1, last, 0)
            for k in range(rest):
                out[at + whole * GROUP + k] = last[k]
        at, first, count = at + some, first + some, count - some


@cached
@njit(nogil=True)
def _fill(law: int, out: ndarray, seeds: ndarray, steps: ndarray, updates: ndarray, stream: int) -> None:
    w, last = np.empty((4, CHUNK), u32), np.empty(GROUP, f32)
    for place in range(out.shape[0]):
        draw(law, out[place], 0, 0, out.shape[1], w, last, seeds[place], steps[place], updates[place], stream)


@cached
@njit(nogil=True)
def _fill_words(out: ndarray, seeds: ndarray, steps: ndarray, updates: ndarray, stream: int) -> None:
    w, last = np.empty((4, CHUNK), u32), np.empty(GROUP, u32)
    count = out.shape[1]
    for place in range(out.shape[0]):
        for first in range(0, count, 4 * CHUNK):
            some = min(4 * CHUNK, count - first)
            whole, rest = some // GROUP, some % GROUP
            _blocks(w, first // 4, (whole + (rest > 0)) * LANES, seeds[place], steps[place], updates[place], stream)
            _words(w, whole, out[place], first)
            if rest > 0:
                _words(w[:, whole * LANES :], 1, last, 0)
                for k in range(rest):
                    out[place, first + whole * GROUP + k] = last[k]


def words(seeds: ndarray, stream: int, steps: ndarray, updates: ndarray, count: int) -> ndarray:
    """uint32 [places, count]: the words of places given by arrays [places], uint64 seeds and int64 steps, updates."""
    out = np.empty((len(seeds), count), u32)
    _fill_words(out, seeds, steps, updates, stream)
    return out


def uniform(seeds: ndarray, stream: int, steps: ndarray, updates: ndarray, count: int) -> ndarray:
    """float32 [places, count] in [0, 1)."""
    out = np.empty((len(seeds), count), f32)
    _fill(UNIFORM, out, seeds, steps, updates, stream)
    return out


def normal(seeds: ndarray, stream: int, steps: ndarray, updates: ndarray, count: int) -> ndarray:
    """float32 [places, count], standard normal."""
    out = np.empty((len(seeds), count), f32)
    _fill(NORMAL, out, seeds, steps, updates, stream)
    return out
