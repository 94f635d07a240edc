"""The random numbers on a CUDA device in one kernel each, by Triton: the same operations, the same words.

Every operation is rounded by itself, as in NumPy, so they are compiled without fused multiply-adds.
"""

import torch
import triton
import triton.language as tl
from torch import Tensor

from gandyn.core.rng import formulas

M0, M1 = (tl.constexpr(one) for one in formulas.MULTIPLIERS)
W0, W1 = (tl.constexpr(one) for one in formulas.WEYL)
ROUNDS, LANES, GROUP = (tl.constexpr(one) for one in (formulas.ROUNDS, formulas.LANES, formulas.GROUP))
L0, L1, L2, L3, L4, L5, L6, L7, L8 = (tl.constexpr(c) for c in formulas.LOG)
S0, S1, S2 = (tl.constexpr(c) for c in formulas.SIN)
C0, C1, C2 = (tl.constexpr(c) for c in formulas.COS)
HIGH, LOW, HALF_ROOT, RADIANS = (
    tl.constexpr(c) for c in (formulas.LN2_HIGH, formulas.LN2_LOW, formulas.ROOT_HALF, formulas.ANGLE)
)
WORDS, UNIFORM, NORMAL = (tl.constexpr(i) for i in range(3))  # what is made of the words
MOST_GROUPS = 64  # that a program draws


@triton.jit
def _philox(c0, c1, c2, c3, k0, k1):
    """The four words of Philox4x32-10, uint32 in and out."""
    for _ in tl.static_range(ROUNDS):
        high0, low0 = tl.umulhi(c0, M0), c0 * M0
        high1, low1 = tl.umulhi(c2, M1), c2 * M1
        c0, c1, c2, c3 = high1 ^ c1 ^ k0, low1, high0 ^ c3 ^ k1, low0
        k0, k1 = k0 + W0, k1 + W1
    return c0, c1, c2, c3


@triton.jit
def _log(x):
    """ln x of positive float32."""
    bits = x.to(tl.int32, bitcast=True)
    e = (bits >> 23) - 126
    m = ((bits & 0x7FFFFF) | 0x3F000000).to(tl.float32, bitcast=True)  # in [1/2, 1)
    small = m < HALF_ROOT
    e = tl.where(small, e - 1, e)
    m = tl.where(small, m + m, m) - 1.0
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
    f = e.to(tl.float32)
    y = y + f * LOW
    y = y - 0.5 * z
    return (m + y) + f * HIGH


@triton.jit
def _pair(radius, angle):
    """Two independent standard normal numbers of two words: (r sin t, r cos t)."""
    u = radius.to(tl.float32) * 2.3283064365386963e-10 + 1.1641532182693481e-10  # 2^-32 and 2^-33
    r = tl.sqrt_rn(-2.0 * _log(u))
    quarter = (angle + 0x20000000) >> 30
    x = (angle - (quarter << 30)).to(tl.int32, bitcast=True).to(tl.float32) * RADIANS
    z = x * x
    s = ((z * S0 + S1) * z + S2) * z * x + x
    c = ((z * C0 + C1) * z + C2) * z * z - 0.5 * z + 1.0
    odd = (quarter & 1) != 0
    sine, cosine = tl.where(odd, c, s), tl.where(odd, s, c)
    sine = tl.where(quarter >= 2, -sine, sine)
    cosine = tl.where(((quarter + 1) & 2) != 0, -cosine, cosine)
    return r * sine, r * cosine


@triton.jit(do_not_specialize=["stream", "count", "parts"])
def _fill(
    out, seeds, steps, updates, stream, count, parts,
    LAW: tl.constexpr, GROUPS: tl.constexpr,
):  # fmt: skip
    """Numbers of one stream at one place into out [places, count]: GROUPS groups of them a program."""
    place = tl.program_id(0) // parts
    seed = tl.load(seeds + place)
    k0, k1 = (seed & 0xFFFFFFFF).to(tl.uint32), (seed >> 32).to(tl.uint32)
    group = (tl.program_id(0) % parts) * GROUPS + tl.arange(0, GROUPS)[:, None]
    lane = tl.arange(0, LANES)[None, :]
    c0 = (group * LANES + lane).to(tl.uint32)
    c1 = tl.zeros_like(c0) + tl.load(steps + place).to(tl.uint32)
    c2 = tl.zeros_like(c0) + tl.load(updates + place).to(tl.uint32)
    c3 = tl.zeros_like(c0) + stream.to(tl.uint32)
    w0, w1, w2, w3 = _philox(c0, c1, c2, c3, k0, k1)
    if LAW == NORMAL:
        n0, n1 = _pair(w0, w1)
        n2, n3 = _pair(w2, w3)
    elif LAW == UNIFORM:
        n0, n1 = (w0 >> 8).to(tl.float32) * 5.9604644775390625e-08, (w1 >> 8).to(tl.float32) * 5.9604644775390625e-08
        n2, n3 = (w2 >> 8).to(tl.float32) * 5.9604644775390625e-08, (w3 >> 8).to(tl.float32) * 5.9604644775390625e-08
    else:
        n0, n1, n2, n3 = w0.to(tl.int64), w1.to(tl.int64), w2.to(tl.int64), w3.to(tl.int64)
    at = group * GROUP + lane
    row = out + place.to(tl.int64) * count
    tl.store(row + at, n0, at < count)
    tl.store(row + at + LANES, n1, at + LANES < count)
    tl.store(row + at + 2 * LANES, n2, at + 2 * LANES < count)
    tl.store(row + at + 3 * LANES, n3, at + 3 * LANES < count)


def _draw(
    law: tl.constexpr, dtype: torch.dtype, seeds: Tensor, stream: int, steps: Tensor, updates: Tensor, count: int
) -> Tensor:
    out = torch.empty(len(seeds), count, dtype=dtype, device=seeds.device)
    groups = -(-count // formulas.GROUP)
    each = min(MOST_GROUPS, triton.next_power_of_2(groups))
    parts = -(-groups // each)
    places = (one.contiguous() for one in (seeds, steps, updates))
    with torch.cuda.device_of(out):
        _fill[len(seeds) * parts,](out, *places, stream, count, parts, LAW=law, GROUPS=each, enable_fp_fusion=False)
    return out


def words(seeds: Tensor, stream: int, steps: Tensor, updates: Tensor, count: int) -> Tensor:
    """int64 [places, count]: the words of places given by int64 tensors [places]."""
    return _draw(WORDS, torch.int64, seeds, stream, steps, updates, count)


def uniform(seeds: Tensor, stream: int, steps: Tensor, updates: Tensor, count: int) -> Tensor:
    """float32 [places, count] in [0, 1)."""
    return _draw(UNIFORM, torch.float32, seeds, stream, steps, updates, count)


def normal(seeds: Tensor, stream: int, steps: Tensor, updates: Tensor, count: int) -> Tensor:
    """float32 [places, count], standard normal."""
    return _draw(NORMAL, torch.float32, seeds, stream, steps, updates, count)
