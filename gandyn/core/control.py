"""What a control is: one thing that a person may change."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from gandyn.core import checks, types
from gandyn.core.penalties import PENALTIES
from gandyn.core.penalty_set import canonical

if TYPE_CHECKING:
    from gandyn.core.experiment import Experiment

#: titles of controls whose label says too little away from its group
TITLES = {
    "lr_g": "generator's rate", "lr_d": "critic's rate", "penalty_weight": "penalty weight",
    "unroll_player": "who looks ahead", "unroll_order": "look-ahead's derivative",
    "optimizer_g": "generator's optimiser", "optimizer_d": "critic's optimiser",
}  # fmt: skip


class Control(NamedTuple):
    """One thing that a person may change."""

    name: str
    kind: str  # knob, rule, objective, update_rule, target, view: live; game, run: needs a reset
    group: str  # objective, look-ahead, rates, steps, target, generator, critic, run
    label: str
    type: type  # float, int, str, bool, tuple
    help: str
    formula: str = ""
    unit: str = ""
    choices: Sequence[str] = ()
    several: bool = False  # any number of the choices at once, with + between
    low: float = 0
    high: float = 1
    log: bool = False  # a logarithmic scale fits
    suggest: tuple[float, float] | None = None  # the range of a slider, where it is narrower than what may be typed
    idle: Callable[[Experiment], str | None] = lambda experiment: None  # why it has no effect now, or None

    @property
    def title(self) -> str:
        """What it is called away from its group on the screen: `k`, `critic's rate`, `target's radius`."""
        part, dot, _ = self.name.partition(".")
        if self.name.startswith(types.OWN_WEIGHT):
            return self.label if PENALTIES[self.label].amount else f"weight of {self.label}"
        return f"{part}'s {self.label}" if dot else TITLES.get(self.name, self.label)

    @property
    def live(self) -> bool:
        """Whether a change takes effect at the next step, without a reset."""
        return self.kind in ("knob", "rule", "objective", "update_rule", "target", "view")

    def checked(self, value: Any) -> Any:
        """`value` if it is a choice or in the range, else ValueError with one line; a tuple goes unchecked."""
        if self.several:
            return canonical(value)
        if self.choices:
            return checks.choice(self.name, value, self.choices)
        if self.type is bool:
            return checks.boolean(self.name, value)
        if self.type is int:
            return checks.integer(self.name, value, int(self.low), int(self.high))
        return checks.number(self.name, value, self.low, self.high) if self.type is float else value
