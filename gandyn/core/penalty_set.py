"""Penalties as a set: several at once, each with a weight of its own. Its text has + between names, `r1+r2`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from gandyn.core import checks
from gandyn.core.bounds import BOUNDS
from gandyn.core.penalties import PENALTIES
from gandyn.core.registry import brief
from gandyn.core.types import OWN_WEIGHT, Knobs, Penalty

if TYPE_CHECKING:
    from torch import Tensor

NONE = "none"  # the empty set


def canonical(value: object) -> str:
    """The set as text, in the order of the registry: `r2+r1` and ("r2", "r1") are `r1+r2`.

    Blanks separate as + does, which a link's + decodes to. ValueError with one line for an unknown name, an empty one,
    and one that is there twice.
    """
    if isinstance(value, str) and "," in value:
        raise ValueError(f"penalty takes names with + between, as r1+r2, not {brief(value)}")
    known = list(PENALTIES)
    names = [checks.choice("penalty", name, known) for name in _names(value)]
    if twice := next((name for name in names if names.count(name) > 1), None):
        raise ValueError(f"penalty {twice!r} is there twice in {brief('+'.join(names))}: name each once")
    return "+".join(name for name in known if name in names and name != NONE) or NONE


def _names(value: object) -> Sequence[object]:
    if isinstance(value, str):
        return [name for part in value.split("+") for name in part.split() or [part]]
    return list(value) if isinstance(value, (list, tuple)) else [value]


def members(penalty: str) -> list[Penalty]:
    """The penalties of a canonical set, in its order; none for the empty one."""
    return [] if penalty == NONE else [PENALTIES[name] for name in penalty.split("+")]


def is_noisy(penalty: str) -> bool:
    """Whether one of them reads batch.noise."""
    return any(one.noisy for one in members(penalty))


def numbered() -> Iterable[Penalty]:
    """All penalties that have a number: a weight, or an amount."""
    return (penalty for penalty in PENALTIES.values() if penalty.numbered)


def weight_of(penalty: Penalty, knobs: Knobs) -> float | Tensor:
    """Its own weight, or `penalty_weight` where it has none; of one with an amount that, or its default."""
    default = penalty.amount.default if penalty.amount else knobs.penalty_weight
    return dict(knobs.weights).get(penalty.name, default)


def range_of(penalty: Penalty) -> tuple[float, float]:
    """Of its number."""
    return (penalty.amount.low, penalty.amount.high) if penalty.amount else BOUNDS["penalty_weight"]


def checked_weights(given: object) -> tuple[tuple[str, float | Tensor], ...]:
    """Weights by the name of their penalty, a mapping or pairs, in the order of the registry; ValueError if amiss."""
    pairs = list(given.items()) if isinstance(given, Mapping) else list(given)  # type: ignore[call-overload]
    known, own = {penalty.name: range_of(penalty) for penalty in numbered()}, dict(pairs)
    for name in own:
        checks.choice("penalty with a weight", name, list(known))
    return tuple((n, checks.lanes(OWN_WEIGHT + n, own[n], *ends)) for n, ends in known.items() if n in own)
