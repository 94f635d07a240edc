"""Where a slider stops: round values, as many as a hand can tell apart."""

import math
from functools import lru_cache

from gandyn.core.controls import Control

MANTISSAS = (1, 1.2, 1.5, 2, 2.5, 3, 4, 5, 6, 8)  # ten to a decade, nearly equal in ratio
DECAYS = (0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.85, 0.9, 0.93, 0.95, 0.97, 0.98, 0.99)
DECAYS += (0.993, 0.995, 0.997, 0.998, 0.999, 0.9995, 0.9999)
MAX_INTEGERS = 200  # a wider range of whole numbers has no slider: it is typed


def stops(control: Control) -> list[float]:
    """The values that the slider of a numeric control takes, rising; none: it has no slider.

    A logarithmic scale that may be 0 begins with it; a decay (0 to nearly 1) is finer towards 1. Typed values are free
    between and beyond the stops.
    """
    low, high = control.suggest or (control.low, control.high)
    if control.type is int:
        return list(_whole(int(low), int(high), control.log))
    if control.log:
        zero = [0.0] if control.low == 0 else []
        return [*zero, *_decades(low, high)]
    if low == 0 and 0.99 < high < 1:
        return [float(value) for value in DECAYS if value <= high]
    return list(_even(low, high))


@lru_cache
def _whole(low: int, high: int, log: bool) -> tuple[int, ...]:
    if log:  # powers of two and the values half-way between
        powers = [2**n for n in range(high.bit_length())]
        return tuple(sorted({n for p in powers for n in (p, p + p // 2) if low <= n <= high}))
    return tuple(range(low, high + 1)) if high - low <= MAX_INTEGERS else ()


@lru_cache
def _decades(low: float, high: float) -> tuple[float, ...]:
    exponents = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
    values = (float(f"{m}e{n}") for n in exponents for m in MANTISSAS)
    return tuple(v for v in values if low * (1 - 1e-9) <= v <= high * (1 + 1e-9))


@lru_cache
def _even(low: float, high: float) -> tuple[float, ...]:
    rough = (high - low) / 150
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(m * power for m in (1, 2, 5, 10) if m * power >= rough * (1 - 1e-9))
    first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
    return tuple(float(f"{i * step:.6g}") for i in range(first, last + 1))
