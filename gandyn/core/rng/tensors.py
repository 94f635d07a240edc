"""The random numbers in torch, on whatever device the places are: the same words, and on a CPU the same bits.

Words are int64 in [0, 2^32): a product wraps, and its high word is what an arithmetic shift and a mask leave of it.
No value is read back, so a CUDA graph can hold it, with steps as a tensor that changes from replay to replay.
"""

import torch
from torch import Tensor

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

MASK = 0xFFFFFFFF


def _product(c: Tensor, multiplier: int) -> tuple[Tensor, Tensor]:
    """(high, low) word of the product of words c and a word."""
    product = c * multiplier
    return (product >> 32) & MASK, product & MASK


def philox(counter: tuple[Tensor, ...], key: tuple[Tensor, Tensor]) -> tuple[Tensor, ...]:
    """The four words of Philox4x32-10 of every counter and key, broadcast against each other."""
    c0, c1, c2, c3 = counter
    k0, k1 = key
    for r in range(ROUNDS):
        (high0, low0), (high1, low1) = _product(c0, MULTIPLIERS[0]), _product(c2, MULTIPLIERS[1])
        a0, a1 = (k0 + r * WEYL[0]) & MASK, (k1 + r * WEYL[1]) & MASK
        c0, c1, c2, c3 = high1 ^ c1 ^ a0, low1, high0 ^ c3 ^ a1, low0
    return c0, c1, c2, c3


def log(x: Tensor) -> Tensor:
    """ln x of positive float32."""
    bits = x.view(torch.int32)
    e = (bits >> 23) - 126
    m = ((bits & 0x7FFFFF) | 0x3F000000).view(torch.float32)  # in [1/2, 1)
    small = m < ROOT_HALF
    e = e - small.int()
    m = torch.where(small, m + m, m) - 1
    z = m * m
    p = m * LOG[0] + LOG[1]
    for c in LOG[2:]:
        p = p * m + c
    y = p * m * z
    f = e.float()
    y = y + f * LN2_LOW
    y = y - 0.5 * z
    return (m + y) + f * LN2_HIGH


def pair(radius: Tensor, angle: Tensor) -> tuple[Tensor, Tensor]:
    """Two independent standard normal numbers of every two words: (r sin t, r cos t)."""
    u = radius.float() * 2.0**-32 + 2.0**-33
    r = (-2 * log(u)).double().sqrt().float()  # torch's own float32 root on a CPU is not always the nearest number
    quarter = ((angle + 0x20000000) >> 30) & 3
    x = angle - (quarter << 30)
    x = torch.where(x >= 2**31, x - 2**32, x).float() * ANGLE
    z = x * x
    s = ((z * SIN[0] + SIN[1]) * z + SIN[2]) * z * x + x
    c = ((z * COS[0] + COS[1]) * z + COS[2]) * z * z - 0.5 * z + 1
    odd = (quarter & 1) != 0
    sine, cosine = torch.where(odd, c, s), torch.where(odd, s, c)
    sine = torch.where(quarter >= 2, -sine, sine)
    cosine = torch.where(((quarter + 1) & 2) != 0, -cosine, cosine)
    return r * sine, r * cosine


def words(seeds: Tensor, stream: int, steps: Tensor, updates: Tensor, count: int) -> Tensor:
    """int64 [places, count]: the words of places given by int64 tensors [places]."""
    return _laid_out(_blocks(seeds, stream, steps, updates, count), count)


def uniform(seeds: Tensor, stream: int, steps: Tensor, updates: Tensor, count: int) -> Tensor:
    """float32 [places, count] in [0, 1)."""
    four = _blocks(seeds, stream, steps, updates, count)
    return _laid_out(tuple((w >> 8).float() * 2.0**-24 for w in four), count)


def normal(seeds: Tensor, stream: int, steps: Tensor, updates: Tensor, count: int) -> Tensor:
    """float32 [places, count], standard normal."""
    w0, w1, w2, w3 = _blocks(seeds, stream, steps, updates, count)
    return _laid_out((*pair(w0, w1), *pair(w2, w3)), count)


def _blocks(seeds: Tensor, stream: int, steps: Tensor, updates: Tensor, count: int) -> tuple[Tensor, ...]:
    """The four words [places, blocks] of as many blocks as `count` numbers need."""
    block = torch.arange(-(-count // GROUP) * LANES, device=seeds.device)[None]
    key = (seeds & MASK)[:, None], (seeds >> 32)[:, None]
    return philox((block, steps[:, None], updates[:, None], torch.full_like(block, stream)), key)


def _laid_out(numbers: tuple[Tensor, ...], count: int) -> Tensor:
    """The four numbers of each block, [places, blocks] each, in their order: [places, count]."""
    grouped = torch.stack([one.unflatten(1, (-1, LANES)) for one in numbers], 2)
    return grouped.flatten(1)[:, :count].contiguous()
