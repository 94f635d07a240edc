"""Optimisers of flat parameter vectors, for Triton kernels; the numbers of an update are those of rates.py."""

import triton
import triton.language as tl

from gandyn.core.native.networks import OPTIMIZERS

SGD, RMSPROP, RMSPROP_TF, ADAM, ADAM_TF = (tl.constexpr(i) for i in range(len(OPTIMIZERS)))
RATE, BETA1, NEW1, BETA2, NEW2, EPS = (tl.constexpr(i) for i in range(6))  # places in the numbers of an update
NUMBERS = tl.constexpr(6)
BLOCK = tl.constexpr(4096)  # parameters that are taken at once


@triton.jit
def update(theta, gradient, m, v, size, numbers, clip, OPTIMIZER: tl.constexpr):
    """One update of theta [P], of its moments, and its clamp to [-clip, clip] where clip > 0; all in place."""
    rate, eps = tl.load(numbers + RATE), tl.load(numbers + EPS)
    beta1, new1 = tl.load(numbers + BETA1), tl.load(numbers + NEW1)
    beta2, new2 = tl.load(numbers + BETA2), tl.load(numbers + NEW2)
    for first in range(0, size, BLOCK):
        at = first + tl.arange(0, BLOCK)
        inside = at < size
        x, grad = tl.load(theta + at, inside), tl.load(gradient + at, inside)
        momentum = tl.load(m + at, inside, eviction_policy="evict_first")
        if OPTIMIZER == SGD:
            momentum = beta1 * momentum + grad
            x -= rate * momentum
        else:
            squares = beta2 * tl.load(v + at, inside, eviction_policy="evict_first") + new2 * grad * grad
            tl.store(v + at, squares, inside, eviction_policy="evict_first")
            if OPTIMIZER == RMSPROP:
                momentum = beta1 * momentum + grad / (tl.sqrt(squares) + eps)
                x -= rate * momentum
            elif OPTIMIZER == RMSPROP_TF:
                momentum = beta1 * momentum + rate * grad / tl.sqrt(squares + eps)
                x -= momentum
            else:
                momentum = beta1 * momentum + new1 * grad
                x -= rate * momentum / (tl.sqrt(squares) + eps)
        tl.store(m + at, momentum, inside, eviction_policy="evict_first")
        bounded = tl.where(x > clip, clip, tl.where(x < -clip, -clip, x))
        tl.store(theta + at, tl.where(clip > 0, bounded, x), inside)
    tl.debug_barrier()


@triton.jit
def average(ema, theta, size, decay):
    """ema <- decay ema + (1 - decay) theta, and theta itself where decay = 0."""
    for first in range(0, size, BLOCK):
        at = first + tl.arange(0, BLOCK)
        x = tl.load(theta + at, at < size)
        mean = decay * tl.load(ema + at, at < size) + (1 - decay) * x
        tl.store(ema + at, tl.where(decay > 0, mean, x), at < size)
    tl.debug_barrier()


@triton.jit
def copy(source, size, out):
    """out [size] = source [size]."""
    for first in range(0, size, BLOCK):
        at = first + tl.arange(0, BLOCK)
        tl.store(out + at, tl.load(source + at, at < size), at < size)
    tl.debug_barrier()
