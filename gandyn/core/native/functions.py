"""Elementary functions for code that is compiled: numbers in, a number out, of the type that goes in.

Here they stand in plain Python, so that an objective can name them where no compiler is installed; `overloads.py` says
what they are in compiled code: in float32 polynomials that are the same on every processor, in float64 the C library's.
"""

import math
from typing import Any


def fma(x: float, y: float, z: float) -> float:
    """x y + z, in compiled code with one rounding."""
    return x * y + z


def exp(x: float) -> float:
    """e^x."""
    return math.exp(x)


def log(x: float) -> float:
    """ln x; -infinity at 0, in float32 less exact where x is subnormal."""
    return math.log(x)


def log1p(x: float) -> float:
    """ln(1 + x) for x >= 0, also where 1 + x would lose x."""
    return math.log1p(x)


def expm1(x: float) -> float:
    """e^x - 1, also where e^x - 1 would lose x."""
    return math.expm1(x)


def tanh(x: float) -> float:
    """The hyperbolic tangent."""
    return math.tanh(x)


def sigmoid(x: float) -> float:
    """1 / (1 + e^-x), with all digits at both ends."""
    small = exp(-abs(x))
    return (1 if x > 0 else small) / (1 + small)


def softplus(x: float) -> float:
    """ln(1 + e^x), with all digits at both ends."""
    return max(x, 0) + log1p(exp(-abs(x)))


def mean(values: Any) -> float:
    """The arithmetic mean of a vector, summed in float64 and in order."""
    total = 0.0
    for value in values:
        total += float(value)
    return total / len(values)
