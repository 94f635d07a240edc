"""The stages: one, or those of the runs that are compared, each under a heading that says what differs."""

from __future__ import annotations

from typing import Any

import param
from panel.viewable import Children

from gandyn.ui.messages import Dismiss, FromStages
from gandyn.ui.page.component import Component
from gandyn.ui.session.session import Session
from gandyn.ui.views.comparison import DASHES


class Stages(Component):
    """Up to four stages. A click on a heading lets the controls be for its run; a cross takes the run away."""

    takes = FromStages
    run = param.String(constant=True, doc="the id of what is on the air")
    stages = Children()
    count = param.Integer(1, doc="how many runs are shown")
    steered = param.Integer(0, allow_None=True, doc="the one that the controls are for; None: all")
    dashes = param.List(list(DASHES), constant=True, doc="of the curves of each")

    def __init__(self, session: Session, **params: Any) -> None:
        self._session = session
        super().__init__(run=session.run_id, **params)
        self.refresh()

    def refresh(self) -> None:
        """Show the session as it is now."""
        self.param.update(count=len(self._session.runs), steered=self._session.steered)

    def receive(self, message: FromStages) -> None:
        """A click on a heading, or on its cross."""
        if isinstance(message, Dismiss):
            self._session.dismiss(message.run)
        else:
            self._session.steer(message.run)

    def refuse(self, message: FromStages | None, line: str) -> None:
        """A click on what has just gone."""
        super().refuse(message, line)
        self.refresh()
