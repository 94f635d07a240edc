"""Values whose fields are parameters that a person may change: of a target, of an update rule."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import Any, ClassVar, Self

from gandyn.core import checks
from gandyn.core.registry import brief


def parameter(
    default: Any,
    low: float = 0,
    high: float = 1,
    *,
    meaning: str,
    unit: str = "",
    log: bool = False,
    choices: tuple[str, ...] = (),
    suggest: tuple[float, float] | None = None,
    player: str = "",
) -> Any:
    """A dataclass field that is a live parameter: its range or its choices, its unit and meaning.

    `suggest`: the range of a slider, where it is narrower than what may be typed; with `log` it lies above 0.
    `player`: whose updates alone read it, generator or critic; interaction, of what one's gradient as a function of the
    other player makes; both, of that while both of them move.
    """
    ranges = {"low": low, "high": high, "log": log, "choices": choices, "suggest": suggest}
    about = {"help": meaning, "unit": unit, "player": player}
    return dataclasses.field(default=default, metadata=ranges | about)


@dataclass(frozen=True)
class Parametrised:
    """A base whose subclasses declare their parameters as fields; `kind` is that of its controls, KIND.NAME.

    Parameters are checked at construction: integers stay integers, numbers are finite and in range, a tuple field
    holds numbers in range, a parameter with choices is one of them, a field of text holds text.
    """

    kind: ClassVar[str]
    name: ClassVar[str]

    def __post_init__(self) -> None:
        for field in dataclasses.fields(self):
            object.__setattr__(self, field.name, self._checked(field, getattr(self, field.name)))

    def _checked(self, field: dataclasses.Field[Any], value: Any) -> Any:
        name, low, high = f"{self.kind}.{field.name}", field.metadata["low"], field.metadata["high"]
        if field.metadata["choices"]:
            return checks.choice(name, value, field.metadata["choices"])
        if isinstance(field.default, str):
            return checks.text(name, value)
        if isinstance(field.default, tuple):
            if isinstance(value, str):
                value = [part for part in value.replace(" ", "").split(",") if part]
            try:
                return tuple(checks.number(name, float(v), low, high) for v in value)
            except (TypeError, ValueError):
                raise ValueError(
                    f"{name} must be numbers in [{low:g}, {high:g}] with commas between, not {brief(value)}"
                ) from None
        if isinstance(field.default, int):
            return checks.integer(name, value, int(low), int(high))
        return checks.number(name, value, low, high)

    def parameters(self) -> dict[str, Any]:
        """The live parameters by name."""
        return {field.name: getattr(self, field.name) for field in dataclasses.fields(self)}

    def replace(self, /, **parameters: Any) -> Self:
        """The same with other parameters; ValueError for a name that it does not have."""
        known = [field.name for field in dataclasses.fields(self)]
        for name in parameters:
            checks.choice(f"parameter of {self.kind.replace('_', ' ')} {self.name!r}", name, known)
        return dataclasses.replace(self, **parameters)
