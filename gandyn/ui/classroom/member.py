"""Somebody in a class."""

from __future__ import annotations

from collections.abc import Callable

from gandyn.ui.classroom.of_lane import OfLane
from gandyn.ui.classroom.own import OwnRun
from gandyn.ui.page.opening import InTurn


class Member:
    """A page of somebody in the class. `own`: the run of their own; None: they look on."""

    def __init__(
        self, number: int, own: OwnRun | None, in_turn: InTurn, tell: Callable[[str], None], watch_id: str | None = None
    ) -> None:
        self.number = number
        self.name = ""
        self.own = own
        self.in_turn = in_turn
        self.tell = tell  # one line in the page
        self.watch_id = watch_id  # under which they watch the class; None: they do not
        self.view: OfLane | None = None  # what they see in a sweep

    def have(self, act: Callable[[OwnRun], None]) -> None:
        """Have something done to their own run, in their page's turn; what does not fit is told there."""

        def do(own: OwnRun) -> None:
            try:
                act(own)
            except ValueError as error:
                self.tell(str(error))

        if (own := self.own) is not None:
            self.in_turn(lambda: do(own))
