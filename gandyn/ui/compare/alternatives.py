"""What a run may be compared with by one click: what its preset suggests, and another value of any control."""

from __future__ import annotations

from typing import Any

from gandyn.core.engine import resolve
from gandyn.core.experiment import Experiment
from gandyn.records.config import resolve_device
from gandyn.ui.controls.weights import page_controls
from gandyn.ui.messages import Alternative

AHEAD = 5  # critic updates of a look-ahead, where there was none
# For every experiment where they change something: what it is called, controls.
COMMON: tuple[tuple[str, dict[str, Any]], ...] = (
    ("look-ahead of 5 updates", {"unroll": AHEAD}),
    ("no look-ahead", {"unroll": 0}),
    ("gradient penalty", {"penalty": "gradient-penalty"}),
    ("no penalty", {"penalty": "none"}),
    ("half the critic's rate", {}),
)


def alternatives(experiment: Experiment) -> list[Alternative]:
    """Those of the preset, then the common ones that change something and fit this experiment."""
    own = [(label, dict(pair.split("=", 1) for pair in text.split())) for label, text in experiment.alternatives]
    common = [(label, controls or {"lr_d": experiment.knobs.lr_d / 2}) for label, controls in COMMON]
    listed: list[Alternative] = []
    for label, controls in [*own, *common]:
        try:
            new = experiment.replace(**controls)
            resolve(new, resolve_device(new))
        except ValueError:
            continue
        if new.values() != experiment.values() and all(one.label != label for one in listed):
            listed.append(Alternative(label, controls))
    return listed


def another_value(experiment: Experiment, name: str) -> dict[str, Any]:
    """A control with another value that fits: the next choice, a look-ahead or none, half a number or twice it.

    ValueError with one line where there is none.
    """
    known, values = page_controls(experiment)
    control, value = known[name], values[name]
    if control.several:
        tries: list[Any] = [*control.choices[1:], control.choices[0]]
    elif control.choices:
        place = control.choices.index(value)
        tries = [*control.choices[place + 1 :], *control.choices[:place]]
    elif name == "unroll":
        tries = [0 if value else AHEAD]
    elif control.type is bool:
        tries = [not value]
    elif control.type in (int, float):
        tries = [control.type(value / 2), control.type(2 * value), control.high, control.low]
    else:
        tries = []
    for other in tries:
        try:
            new = experiment.replace(**{name: other})
            resolve(new, resolve_device(new))
        except ValueError:
            continue
        if new.values() != experiment.values():
            return {name: other}
    raise ValueError(f"{name} has no other value that fits: change it, and compare with a bookmark")
