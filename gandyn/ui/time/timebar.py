"""The bar of time under the stage: any step of the past by a drag, changes, branches, bookmarks, and a film strip."""

from __future__ import annotations

from typing import Any

import param

from gandyn.ui.messages import FromTimeBar, Look
from gandyn.ui.page.component import Component
from gandyn.ui.session.session import Session


class TimeBar(Component):
    """Draws what frames say of the past, and asks for steps of it."""

    takes = FromTimeBar
    run = param.String(constant=True, doc="the id of what is on the air")
    bookmarks = param.List(doc="Places, in the order of the steps")

    def __init__(self, session: Session, **params: Any) -> None:
        self._session = session
        super().__init__(run=session.run_id, **params)
        self.refresh()

    def refresh(self) -> None:
        """Show the session as it is now."""
        self.bookmarks = list(self._session.bookmarks)

    def receive(self, message: FromTimeBar) -> None:
        """A drag, or a mark."""
        if isinstance(message, Look):
            self._session.look(message.step, message.line)
        else:
            self._session.bookmark(message.step, message.line)

    def refuse(self, message: FromTimeBar | None, line: str) -> None:
        """A line that has just gone with its run."""
        super().refuse(message, line)
        self.refresh()
