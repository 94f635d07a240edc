"""The messages of a class's pages, as those of gandyn/ui/messages.py, which says how they are read."""

from __future__ import annotations

from typing import Literal

from gandyn.ui.messages import Count, Message


class Fix(Message, frozen=True):
    """Let a rule be for a control in everybody's own run, or not."""

    rule: Literal["locked", "hidden", "preset"]
    control: str
    on: bool


class StopAll(Message, frozen=True):
    """Have every own run stand still at this step; null: release them."""

    step: Count | None


class Push(Message, frozen=True):
    """Make every own run a branch of the class's present moment."""


class Sweep(Message, frozen=True):
    """Give everybody a GAN of their own, with a value of this knob; no knob: end it."""

    control: str
    low: float
    high: float


class HoldKnob(Message, frozen=True):
    """Another value of the knob that this page holds in a sweep."""

    value: float


class Name(Message, frozen=True):
    """How somebody wants to be called."""

    name: str


FromTeacher = Fix | StopAll | Push | Sweep
FromClass = HoldKnob | Name
