"""Vectors written elementwise. Plain loops: what numba makes of assigned slices takes seconds to compile."""

from __future__ import annotations

from gandyn.core.native.inner import inner


@inner
def copy(x, start, count, out, to):
    """`count` elements of x from `start` on, into out from `to` on."""
    source, target = x[start : start + count], out[to : to + count]
    for i in range(count):
        target[i] = source[i]


@inner
def fill(x, start, count, value):
    """`count` elements of x from `start` on become `value`."""
    target = x[start : start + count]
    for i in range(count):
        target[i] = value


@inner
def multiply(x, start, count, factor):
    """`count` elements of x from `start` on, times a number."""
    target, number = x[start : start + count], x.dtype.type(factor)
    for i in range(count):
        target[i] *= number


@inner
def add(x, y, first, last):
    """x += y in the elements first ... last - 1."""
    target, source = x[first:last], y[first:last]
    for i in range(last - first):
        target[i] += source[i]
