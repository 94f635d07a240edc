"""The control column: every control of the experiment, by reflection over their declarations."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from typing import Any

import param
from bokeh.core.properties import Any as AnyValue
from bokeh.core.properties import Nullable, String
from bokeh.document import Document
from bokeh.model import DataModel

from gandyn.core.controls import Control, part_named, title_of
from gandyn.core.experiment import Experiment
from gandyn.core.objectives import OBJECTIVES
from gandyn.core.optimizers import OPTIMIZERS
from gandyn.core.penalties import PENALTIES
from gandyn.core.target import TARGETS
from gandyn.core.update_rules import UPDATE_RULES
from gandyn.presets import PRESETS
from gandyn.ui.classroom.rules import Rules
from gandyn.ui.compare.alternatives import another_value
from gandyn.ui.controls.scale import stops
from gandyn.ui.controls.weights import page_controls
from gandyn.ui.messages import CompareControl, FromControls, Steer
from gandyn.ui.page.component import Component
from gandyn.ui.session.session import Session

# What few people change stands behind "more" in its group. Names without their player's or target's prefix.
RARE = {
    "beta2",
    "eps",
    "ema",
    "averaging",
    "decay_g",
    "decay_d",
    "decay_steps",
    "engine",
    "std",
    "gain",
    "input_scale",
    "bias",
    "output",
    "curvature",
    "norm",
    "minibatch",
    "pack",
    "closed",
    "file",
    "sha256",
    "points",
}
FOLDED = {"generator", "critic"}  # groups that a new page shows closed
TITLES = {"look-ahead": "Look-ahead", "run": "Seed and device"}
ENTRIES: dict[str, Any] = {
    "objective": OBJECTIVES, "penalty": PENALTIES, "target": TARGETS,
    "optimizer_g": OPTIMIZERS, "optimizer_d": OPTIMIZERS, "update_rule": UPDATE_RULES,
}  # fmt: skip
WIDEST_ROW_OF_BUTTONS = 24  # characters; longer choices open as a list


class ControlValue(DataModel):
    """One control in the page: a Bokeh model that bears the control's name, so that scripts find and set it.

    A model of its own, not a parameter of the column: Bokeh sends a change of it at once, past Panel's delay of 50 ms.
    """

    value = AnyValue()
    preset = AnyValue()  # the value that the preset gives it
    idle = Nullable(String())  # why it has no effect now
    locked = String("")  # why it cannot be changed in this page
    error = String("")  # why the last value was refused


def describe(control: Control) -> dict[str, Any]:
    """What the page has to know of a control, as plain data."""
    flag = control.type is bool or (control.type is int and (control.low, control.high) == (0, 1))
    spec = {
        "name": control.name, "label": control.label, "title": control.title, "help": control.help,
        "formula": control.formula, "unit": control.unit, "live": control.live,
        "rare": control.name.split(".")[-1] in RARE,
    }  # fmt: skip
    if flag:
        return spec | {"widget": "tick", "integer": control.type is int}
    if control.choices:
        if control.name == "target":  # a menu for points: on a line or in the plane
            points = [name for name in control.choices if TARGETS[name]().shape in ((1,), (2,))]
            control = control._replace(choices=points)
        entries = ENTRIES.get(control.name, {})
        choices = [{"value": c} | _words(entries.get(c)) for c in control.choices]
        if control.several:
            return spec | {"widget": "several", "choices": choices}
        wide = sum(map(len, control.choices)) > WIDEST_ROW_OF_BUTTONS
        return spec | {"widget": "list" if wide else "buttons", "choices": choices}
    if control.type in (int, float):
        numbers = {"low": control.low, "high": control.high, "integer": control.type is int}
        return spec | {"widget": "number", "stops": stops(control)} | numbers
    return spec | {"widget": "text"}


def _words(entry: Any) -> dict[str, str]:
    return {key: getattr(entry, key) for key in ("summary", "formula", "cite") if getattr(entry, key, "")}


def displayed(value: Any) -> Any:
    """A value as it stands in the page: numbers and words as they are, tuples as text with commas between."""
    return ",".join(f"{v:g}" if isinstance(v, float) else str(v) for v in value) if isinstance(value, tuple) else value


def standard(experiment: Experiment) -> dict[str, Any]:
    """The values that the preset gives the controls; of another target, update rule or objective, its own."""
    base = PRESETS.get(experiment.name, experiment)
    own = (
        {f"{now.kind}.{name}": value for name, value in part_named(now.kind, now.name).parameters().items()}
        for now, then in zip(experiment.parts, base.parts, strict=True)
        if now.name != then.name
    )
    return {name: value for values in (page_controls(base)[1], *own) for name, value in values.items()}


class Controls(Component):
    """The column of groups. Each row's value lives in a ControlValue, which is sent and received on its own."""

    takes = FromControls
    groups = param.List()
    runs = param.Integer(1, doc="how many are shown")
    steered = param.Integer(0, allow_None=True, doc="the one that the controls are for; None: all of them")

    def __init__(self, session: Session, rules: Rules | None = None, **params: Any) -> None:
        self._session, self._rules = session, rules
        self._experiment: Experiment | None = None
        self._fixed: object = None  # the rules, as they were when it was last shown
        self._created: dict[str, ControlValue] = {}  # all so far: two models of one name would be ambiguous
        self.values: dict[str, ControlValue] = {}  # those of this experiment
        super().__init__(**params)
        self.refresh()

    def refresh(self) -> None:
        """Show the experiment as it is now."""
        experiment = self._session.experiment
        self.param.update(runs=len(self._session.runs), steered=self._session.steered)
        fixed = self._rules and (set(self._rules.locked), set(self._rules.hidden), set(self._rules.preset))
        if experiment is self._experiment and fixed == self._fixed:
            return
        self._fixed = fixed
        known, values, plain = *page_controls(experiment), standard(experiment)
        present = {name: control for name, control in known.items() if name in values}
        hidden = set[str]() if self._rules is None else self._rules.hidden
        present = {name: control for name, control in present.items() if name not in hidden}
        for name, control in present.items():
            state = {
                "value": displayed(values[name]),
                "preset": displayed(plain.get(name)),
                "idle": control.idle(experiment),
                "locked": self._locked(name),
                "error": "",
            }
            if name in self._created:
                self._put(self._created[name], **state)
            else:
                self._created[name] = ControlValue(name=name, **state)
                self._created[name].on_change("value", partial(self._changed, name))
        if self.values.keys() != present.keys() or self._experiment is None:
            self.values = {name: self._created[name] for name in present}
            for root, _ in self._models.values():
                root.tags = list(self.values.values())
            self.groups = list(_grouped(present.values()))
        self._experiment = experiment

    def _locked(self, name: str) -> str:
        if self._session.watching:
            return "the teacher steers"
        return "" if self._rules is None else self._rules.reason(name)

    @staticmethod
    def _put(model: ControlValue, **state: Any) -> None:
        model.update(**{key: value for key, value in state.items() if getattr(model, key) != value})

    def _changed(self, name: str, attr: str, old: Any, new: Any) -> None:
        """A value from the page. One that is refused goes back, with the reason."""
        now = displayed(page_controls(self._session.experiment)[1].get(name))
        if new == now:
            return
        try:
            self._session.change(**{name: new})
        except ValueError as error:
            line = str(error)
            line = f"{title_of(name)}{line.removeprefix(name)}" if line.startswith(f"{name} ") else line
            self._put(self.values[name], value=now, error=line)

    def receive(self, message: FromControls) -> None:
        """Which run the controls are for, or a control of which another run is to have another value."""
        session = self._session
        if isinstance(message, Steer):
            session.steer(message.run)
        elif message.control in self.values:
            session.compare(another_value(session.experiment, message.control))

    def refuse(self, message: FromControls | None, line: str) -> None:
        """At the control, where it is one's."""
        if isinstance(message, CompareControl):
            self._put(self.values[message.control], error=line)
        else:
            super().refuse(message, line)

    def _get_model(self, doc: Document, root: Any = None, parent: Any = None, comm: Any = None) -> Any:
        model = super()._get_model(doc, root, parent, comm)
        model.tags = list(self.values.values())  # a reference from the page, so that the document holds them
        return model


def _grouped(controls: Iterable[Control]) -> Iterable[dict[str, Any]]:
    groups: dict[str, list[Control]] = {}
    for control in controls:
        groups.setdefault(control.group, []).append(control)
    for name, members in groups.items():
        yield {
            "name": name,
            "title": TITLES.get(name, name.capitalize()),
            "live": all(control.live for control in members),
            "open": name not in FOLDED,
            "controls": [describe(control) for control in members],
        }
