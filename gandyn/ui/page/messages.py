"""The messages on what a page shows of its runs, as those of gandyn/ui/messages.py, which says how they are read."""

from __future__ import annotations

from typing import Literal, get_args

from gandyn.ui.messages import Message, Short

Axis = Literal["steps", "gradients"]  # what curves are drawn over; the page turns the one into the other
AXES: tuple[Axis, ...] = get_args(Axis)


class ShowViews(Message, frozen=True):
    """Have these views of choice beside the stage, and no others."""

    names: list[str]


class CloseView(Message, frozen=True):
    """Take this view of choice away."""


class AdjustView(Message, frozen=True):
    """Compute this view of choice anew from the present moment, with these choices by name."""

    chosen: dict[Short, Short]


class ShowAxis(Message, frozen=True):
    """Draw the curves over the steps, or over the gradients that these took."""

    axis: Axis


FromPage = ShowViews | ShowAxis
FromStudy = CloseView | AdjustView
