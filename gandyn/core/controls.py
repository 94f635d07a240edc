"""All controls by name: those of the table, of a target, an update rule or an objective, and the weights of penalties.

From them come the sliders of the laboratory, the options of the command line, the keys of a link and the reference
page.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable
from functools import lru_cache
from typing import Any

from gandyn.core import types
from gandyn.core.bounds import BOUNDS
from gandyn.core.control import Control
from gandyn.core.control_table import static
from gandyn.core.idle import (
    alone,
    apart,
    idle_critic,
    idle_generator,
    nobody_moves,
    not_chosen,
)
from gandyn.core.objectives import OBJECTIVES
from gandyn.core.optimizers import OPTIMIZERS
from gandyn.core.penalties import PENALTIES
from gandyn.core.penalty_set import numbered, range_of
from gandyn.core.registry import Registry
from gandyn.core.target import TARGETS
from gandyn.core.update_rules import UPDATE_RULES

REGISTRIES = (OBJECTIVES, PENALTIES, OPTIMIZERS, UPDATE_RULES, TARGETS)  # whose names are choices

#: what has parameters of its own, KIND.NAME: those of the chosen one are controls
PARTS: dict[str, Registry[Any]] = {"target": TARGETS, "update_rule": UPDATE_RULES, "objective": OBJECTIVES}
#: when a part's own parameter is idle, by whose updates read it: see `parameter`
IDLE = {
    "generator": idle_generator, "critic": idle_critic, "both": alone, "interaction": apart, "either": nobody_moves,
}  # fmt: skip
GROUPS = {
    "target": "target",
    "update_rule": "steps",
    "objective": "objective",
}  # in which a part's own parameters stand


def part_named(kind: str, name: str) -> Any:
    """A target, update rule or objective of that name, its parameters at their defaults."""
    entry = PARTS[kind][name]
    return entry() if isinstance(entry, type) else entry


def own_controls(part: type[Any]) -> list[Control]:
    """The controls of the parameters that targets, update rules or objectives of this class have."""
    controls = []
    if not dataclasses.is_dataclass(part):  # an objective without any
        return controls
    for field in dataclasses.fields(part):
        label, kind, meta = field.name.replace("_", " "), type(field.default), field.metadata
        ranges = {key: meta[key] for key in ("unit", "low", "high", "log", "help", "choices", "suggest")}
        control = Control(f"{part.kind}.{field.name}", part.kind, GROUPS[part.kind], label, kind, **ranges)
        player = meta["player"] or ("either" if part.kind == "update_rule" else "")
        controls.append(control._replace(idle=IDLE[player]) if player else control)
    return controls


def weight_controls() -> dict[str, Control]:
    """The control penalty.NAME of every penalty that has a weight: it is its own, in the place of `penalty_weight`."""
    return dict(_weight_controls(tuple(PENALTIES)))


@lru_cache(maxsize=4)
def _weight_controls(registered: tuple[str, ...]) -> dict[str, Control]:
    listed = []
    for one in numbered():
        low, high = range_of(one)
        meaning = one.amount.meaning if one.amount else f"the weight w of {one.name}"
        control = Control(types.OWN_WEIGHT + one.name, "knob", "objective", one.name, float, meaning)
        slider = (low, min(high, 1.0)) if one.amount else (1e-3, 100)
        listed.append(
            control._replace(
                formula=one.formula, low=low, high=high, log=not one.amount, suggest=slider, idle=not_chosen(one)
            )
        )
    return {control.name: control for control in listed}


def _bounded(control: Control) -> Control:
    low, high = BOUNDS.get(control.name, (control.low, control.high))
    return control._replace(low=low, high=high)


def title_of(name: str) -> str:
    """Control.title by name, of a parameter of any target, too."""
    if name in (titles := _titles()):
        return titles[name]
    part, dot, rest = name.replace("_", " ").partition(".")
    return f"{part}'s {rest}" if dot else part


@lru_cache(maxsize=1)
def _titles() -> dict[str, str]:
    """Those of all controls but the targets' own: every curve asks for some, many times a second."""
    return {control.name: control.title for control in (*static(), *weight_controls().values())}


def controls(*parts: Any, weights: Iterable[str] = ()) -> dict[str, Control]:
    """All controls by name, with those of these targets, update rules and objectives, in the order in which one thinks.

    `weights`: the penalties whose own weights are among them.
    """
    return dict(_controls(tuple(map(type, parts)), tuple(weights), tuple(map(tuple, REGISTRIES))))


@lru_cache(maxsize=64)
def _controls(
    parts: tuple[type[Any], ...], weights: tuple[str, ...], registered: tuple[tuple[str, ...], ...]
) -> dict[str, Control]:
    """`controls` for parts of these classes and these names of choices: a moved slider asks several times."""
    every = weight_controls()
    of_parts = {part.kind: own_controls(part) for part in parts}
    of_parts["penalty_weight"] = [every[types.OWN_WEIGHT + name] for name in weights]
    listed = [each for control in static() for each in (control, *of_parts.get(control.name, ()))]
    return {control.name: _bounded(control) for control in listed}
