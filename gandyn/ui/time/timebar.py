"""The bar of time under the stage: any step of the past by a drag, changes, branches, bookmarks, and a film strip."""

from __future__ import annotations

from typing import Any

import param

from gandyn.ui.page.component import Component
from gandyn.ui.session.session import Session


class TimeBar(Component):
    """Draws what frames say of the past, and asks for steps of it."""

    run = param.String(constant=True, doc="the id of what is on the air")
    bookmarks = param.List(doc="{line, step}, in the order of the steps")

    def __init__(self, session: Session, **params: Any) -> None:
        self._session = session
        super().__init__(run=session.run_id, **params)
        self.refresh()

    def refresh(self) -> None:
        """Show the session as it is now."""
        self.bookmarks = list(self._session.bookmarks)

    def _handle_msg(self, data: Any) -> None:
        """{look: step, line: its number}, {bookmark: step, line}."""
        try:
            if "look" in data:
                self._session.look(data["look"], data.get("line"))
            elif "bookmark" in data:
                self._session.bookmark(data["bookmark"], data.get("line"))
        except ValueError:  # of a line that has just gone with its run
            self.refresh()
