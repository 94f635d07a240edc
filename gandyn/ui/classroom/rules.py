"""What a teacher has fixed in everybody's own run."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from torch import Tensor

from gandyn.core.experiment import Experiment

MENUS = {"preset": "the preset", "lanes": "the number of GANs"}  # of the top bar, and what they are called in a line


@dataclass
class Rules:
    """Names of controls and menus: `locked` ones cannot be changed, `hidden` ones are not in the page either, `preset`
    ones have the value that they have in the class's run, which `given` holds. `stop`: the step at which every own run
    stands still; None: none.
    """

    locked: set[str] = field(default_factory=set)
    hidden: set[str] = field(default_factory=set)
    preset: set[str] = field(default_factory=set)
    given: dict[str, Any] = field(default_factory=dict)
    stop: int | None = None

    def reason(self, name: str) -> str:
        """Why this control cannot be changed; nothing where it can."""
        if name in self.hidden:
            return "hidden by the teacher"
        if name in self.locked:
            return "locked by the teacher"
        return "the same for all: set by the teacher" if name in self.preset else ""

    def check(self, before: Experiment, after: Experiment) -> None:
        """ValueError with one line where a control that is fixed, or the preset, would have another value."""
        known, values = before.values(), after.values()
        for name, value in values.items():
            if (why := self.reason(name)) and name in known and _unlike(value, known[name]):
                raise ValueError(f"{name} is {why}")
        self.check_menu("preset", before.name, after.name)

    def check_menu(self, menu: str, before: str | int, after: str | int) -> None:
        """ValueError with one line where a menu of the top bar is fixed and would have another value."""
        if (why := self.reason(menu)) and after != before:
            raise ValueError(f"{MENUS[menu]} is {why}")

    def amiss(self, experiment: Experiment) -> dict[str, Any]:
        """The preset controls that have another value in an experiment than in the class's run, with that."""
        values = experiment.values()
        return {name: value for name, value in self.given.items() if name in values and values[name] != value}

    def check_asked(self, experiment: Experiment, controls: Mapping[str, Any]) -> None:
        """ValueError with one line where a control that is fixed is asked for, or would change with another."""
        known = experiment.values()
        for name, value in controls.items():
            if (why := self.reason(name)) and value != known.get(name):
                raise ValueError(f"{name} is {why}")
        self.check(experiment, experiment.replace(**controls))


def _unlike(one: Any, other: Any) -> bool:
    """Whether two values of a control differ; of many GANs those of any."""
    unlike = one != other
    return bool(unlike.any()) if isinstance(unlike, Tensor) else unlike
