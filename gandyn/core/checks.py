"""Refusals of bad input: one line that names the value, the control and the allowed range."""

import math
from collections.abc import Sequence

from torch import Tensor

from gandyn.core.registry import unknown


def number(name: str, value: object, low: float, high: float, *, open_low: bool = False) -> float | Tensor:
    """`value` as a float (or a lane tensor as it is), finite and in [low, high] ((low, high] with `open_low`)."""
    bracket = "(" if open_low else "["
    wanted = f"a number in {bracket}{low:g}, {high:g}]"
    if isinstance(value, Tensor):
        if bool(((value >= low) & (value <= high) & ((value > low) | (not open_low))).all()):
            return value
        raise ValueError(f"{name} must be {wanted} in every lane, not {value.tolist()}")
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise ValueError(f"{name} must be {wanted}, not {value!r}")
    if not math.isfinite(value) or value < low or value > high or (open_low and value == low):
        raise ValueError(f"{name} must be {wanted}, not {value!r}")
    return float(value)


def integer(name: str, value: object, low: int, high: int) -> int:
    """`value` as an int in [low, high]; 5.0 is taken as 5, 5.5 is refused."""
    whole = isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value) and value == int(value)
    if not whole or not low <= int(value) <= high:  # type: ignore[call-overload]
        raise ValueError(f"{name} must be a whole number in [{low}, {high}], not {value!r}")
    return int(value)  # type: ignore[call-overload]


def choice(name: str, value: object, known: Sequence[str]) -> str:
    """`value` if it is one of `known`, else an error with the nearest name."""
    if value not in known:
        raise unknown(name, value, list(known))
    return str(value)
