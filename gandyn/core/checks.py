"""Refusals of bad input: one line that names the value, the control and the allowed range."""

from collections.abc import Sequence
from numbers import Real
from typing import Any, TypeVar

from torch import Tensor

from gandyn.core.registry import brief, unknown

T = TypeVar("T")


def _real(value: object) -> float | None:
    """`value` as a float if it is a real number, NaN and infinities included; True and False are none."""
    if isinstance(value, bool) or not isinstance(value, Real):
        return None
    try:
        return float(value)
    except OverflowError:  # an int with hundreds of digits
        return None


def number(name: str, value: object, low: float, high: float) -> float:
    """`value` as a float in [low, high]; NaN is in no range."""
    parsed = _real(value)
    if parsed is None or not low <= parsed <= high:
        raise ValueError(f"{name} must be a number in [{low:g}, {high:g}], not {brief(value)}")
    return parsed


def lanes(name: str, value: object, low: float, high: float) -> float | Tensor:
    """A number, or a tensor of them with one for every lane, each in [low, high]."""
    if not isinstance(value, Tensor):
        return number(name, value, low, high)
    if not bool(((value >= low) & (value <= high)).all()):
        raise ValueError(f"{name} must be a number in [{low:g}, {high:g}] in every lane, not {brief(value.tolist())}")
    return value


def integer(name: str, value: object, low: float, high: float) -> int:
    """`value` as an int in [low, high]; 5.0 is taken as 5, 5.5 is refused."""
    parsed = _real(value)
    if parsed is None or not parsed.is_integer() or not low <= parsed <= high:
        raise ValueError(f"{name} must be a whole number in [{int(low)}, {int(high)}], not {brief(value)}")
    return int(value)  # type: ignore[call-overload]


def instance(name: str, value: Any, kind: type[T], source: str) -> T:
    """`value` if it is an instance of `kind`, else an error that says which call gives one."""
    if not isinstance(value, kind):
        raise ValueError(f"{name} must be a gandyn.{kind.__name__}, as {source} gives, not {brief(value)}")
    return value


def boolean(name: str, value: object) -> bool:
    """`value` if it is True or False."""
    if not isinstance(value, bool):
        raise ValueError(f"{name} must be true or false, not {brief(value)}")
    return value


def text(name: str, value: object) -> str:
    """`value` if it is text."""
    if not isinstance(value, str):
        raise ValueError(f"{name} must be text, not {brief(value)}")
    return value


def choice(name: str, value: object, known: Sequence[str]) -> str:
    """`value` if it is one of `known`, else an error with the nearest name."""
    if not isinstance(value, str) or value not in known:
        raise unknown(name, value, list(known))
    return value


def dimensions(shape: tuple[int, ...]) -> str:
    """A shape in an error's words: 1x28x28."""
    return "x".join(map(str, shape))
