"""In what the runs of a comparison differ, and changes, in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from gandyn.core.controls import title_of
from gandyn.core.experiment import Experiment
from gandyn.records.config import to_config

LONGEST = 24  # characters of a value in words


def differences(experiments: Sequence[Experiment]) -> list[str]:
    """Of each the values of those controls that are not the same in all: "k 0", "k 5"; empty texts of one."""
    controls = [to_config(experiment)["controls"] for experiment in experiments]
    names = dict.fromkeys(name for one in controls for name in one)
    differing = [name for name in names if any(one.get(name) != controls[0].get(name) for one in controls)]
    return [in_words({name: one[name] for name in differing if name in one}) for one in controls]


def in_words(controls: Mapping[str, Any]) -> str:
    """Values of controls by name, as the screen calls these: `k 5, critic's rate 0.001`."""
    return ", ".join(f"{title_of(name)} {_short(value)}" for name, value in controls.items())


def _short(value: Any) -> str:
    if isinstance(value, float):
        return f"{value:.3g}"
    if isinstance(value, str) and len(value) > LONGEST:
        return "…"  # points as a text, which nobody reads
    text = ", ".join(map(_short, value)) if isinstance(value, (list, tuple)) else str(value)
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"
