"""What `functions.py` is in compiled code, by type.

float32: polynomials written out in fused multiply-adds, so that every processor has the same bits and loops over arrays
become vectors. exp and log after Cephes (Moshier), tanh after Eigen's rational function. float64: the C library's.
"""

from __future__ import annotations

import math

import numpy as np
from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic, overload

from gandyn.core.native import functions

f32, i32 = np.float32, np.int32
INLINE = {"inline": "always"}


@intrinsic
def _fma(_typing, x, y, z):
    def generate(_context, builder, _signature, arguments):
        kind = arguments[0].type
        name = "llvm.fma.f32" if x == types.float32 else "llvm.fma.f64"
        return builder.call(
            cgutils.get_or_insert_function(builder.module, ir.FunctionType(kind, [kind] * 3), name), arguments
        )

    return x(x, x, x), generate


@intrinsic
def _bits(_typing, _x):
    """The 32 bits of a float32."""
    return types.int32(types.float32), lambda _c, builder, _s, arguments: builder.bitcast(arguments[0], ir.IntType(32))


@intrinsic
def _from_bits(_typing, _x):
    """The float32 of 32 bits."""
    return types.float32(types.int32), lambda _c, builder, _s, arguments: builder.bitcast(arguments[0], ir.FloatType())


@overload(functions.fma, **INLINE)
def _overload_fma(x, y, z):
    return lambda x, y, z: _fma(x, y, z)


@overload(functions.exp)
def _overload_exp(x):
    if x != types.float32:
        return lambda x: math.exp(x)

    def exp(x):
        x = min(max(x, f32(-104)), f32(89))
        shifted = _fma(x, f32(1.44269504), f32(12582912.0))  # the nearest integer to x / ln 2 in the last bits
        n = _bits(shifted) - i32(0x4B400000)
        whole = shifted - f32(12582912.0)
        r = _fma(whole, f32(2.12194440e-4), _fma(whole, f32(-0.693359375), x))
        p = _fma(r, f32(1.9875691500e-4), f32(1.3981999507e-3))
        p = _fma(p, r, f32(8.3334519073e-3))
        p = _fma(p, r, f32(4.1665795894e-2))
        p = _fma(p, r, f32(1.6666665459e-1))
        p = _fma(p, r, f32(5.0000001201e-1))
        p = _fma(p, r * r, r) + f32(1)
        half = n >> i32(1)  # in two factors, since 2^n alone may be below the smallest normal number
        return p * _from_bits((half + i32(127)) << i32(23)) * _from_bits((n - half + i32(127)) << i32(23))

    return exp


@overload(functions.log)
def _overload_log(x):
    if x != types.float32:
        return lambda x: math.log(x)
    largest, lowest = np.finfo(f32).max, f32(-np.inf)

    def log(x):
        bits = _bits(x)
        e = ((bits >> i32(23)) & i32(255)) - i32(126)
        m = _from_bits((bits & i32(0x7FFFFF)) | i32(0x3F000000))
        small = m < f32(0.70710678)
        e = e - i32(1) if small else e
        m = (m + m if small else m) - f32(1)
        p = _fma(m, f32(7.0376836292e-2), f32(-1.1514610310e-1))
        p = _fma(p, m, f32(1.1676998740e-1))
        p = _fma(p, m, f32(-1.2420140846e-1))
        p = _fma(p, m, f32(1.4249322787e-1))
        p = _fma(p, m, f32(-1.6668057665e-1))
        p = _fma(p, m, f32(2.0000714765e-1))
        p = _fma(p, m, f32(-2.4999993993e-1))
        p = _fma(p, m, f32(3.3333331174e-1))
        z, n = m * m, f32(e)
        tail = _fma(n, f32(-2.12194440e-4), p * m * z)
        value = _fma(n, f32(0.693359375), m + _fma(z, f32(-0.5), tail))
        value = x if x > largest else value  # infinity; NaN is neither above nor below
        value = lowest if x == f32(0) else value
        return value if x >= f32(0) else f32(np.nan)

    return log


@overload(functions.log1p)
def _overload_log1p(x):
    if x != types.float32:
        return lambda x: math.log1p(x)

    def log1p(x):
        whole = f32(1) + x
        return functions.log(whole) + (x - (whole - f32(1))) / whole  # what the sum lost, to first order

    return log1p


@overload(functions.expm1)
def _overload_expm1(x):
    if x != types.float32:
        return lambda x: math.expm1(x)

    def expm1(x):
        p = _fma(x, f32(1.9841270e-4), f32(1.3888889e-3))
        p = _fma(p, x, f32(8.3333333e-3))
        p = _fma(p, x, f32(4.1666667e-2))
        p = _fma(p, x, f32(1.6666667e-1))
        p = _fma(p, x, f32(0.5))
        series = _fma(p, x * x, x)
        return series if abs(x) < f32(0.35) else functions.exp(x) - f32(1)

    return expm1


@overload(functions.tanh)
def _overload_tanh(x):
    if x != types.float32:
        return lambda x: math.tanh(x)

    def tanh(x):
        whole, x = x, min(max(x, f32(-7.90531110763549805)), f32(7.90531110763549805))
        z = x * x
        p = _fma(z, f32(-2.76076847742355e-16), f32(2.00018790482477e-13))
        p = _fma(p, z, f32(-8.60467152213735e-11))
        p = _fma(p, z, f32(5.12229709037114e-08))
        p = _fma(p, z, f32(1.48572235717979e-05))
        p = _fma(p, z, f32(6.37261928875436e-04))
        p = _fma(p, z, f32(4.89352455891786e-03))
        q = _fma(z, f32(1.19825839466702e-06), f32(1.18534705686654e-04))
        q = _fma(q, z, f32(2.26843463243900e-03))
        q = _fma(q, z, f32(4.89352518554385e-03))
        value = p * x / q  # at its ends 1 - 2^-22: nearer than 1 until 8.3177662, where a slope of 2^-21 must end, too
        value = f32(1) if whole > f32(8.3177662) else value
        return f32(-1) if whole < f32(-8.3177662) else value

    return tanh


@overload(functions.sigmoid)
def _overload_sigmoid(x):
    one = f32(1) if x == types.float32 else np.float64(1)

    def sigmoid(x):
        small = functions.exp(-abs(x))
        return (one if x > 0 else small) / (one + small)

    return sigmoid


@overload(functions.softplus)
def _overload_softplus(x):
    zero = f32(0) if x == types.float32 else np.float64(0)
    return lambda x: max(x, zero) + functions.log1p(functions.exp(-abs(x)))


@overload(functions.mean)
def _overload_mean(values):
    def mean(values):
        total = 0.0
        for i in range(len(values)):
            total += values[i]
        return total / len(values)

    return mean
