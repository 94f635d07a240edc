"""Many GANs at once: small pictures of the stage, in step, each a button that puts its GAN on the stage."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import param
from bokeh.document import Document

from gandyn.ui.controls.controls import ControlValue
from gandyn.ui.page.component import Component
from gandyn.ui.session.session import Session

LAYER = "many"  # what a frame brings for the pictures, where they are shown


class Many(Component):
    """One canvas for all pictures. Which is on the stage lives in the model `lane`."""

    run = param.String(constant=True, doc="the id of the run")
    count = param.Integer(1, doc="how many GANs; 1: nothing is shown")
    labels = param.List(doc="what each is called in a class's sweep, in place of its seed; none: there is no sweep")
    colours = param.Dict({}, constant=True, doc="the tokens of each theme")

    def __init__(self, session: Session, labels: Callable[[], list[str]] = list, **params: Any) -> None:
        self._session, self._labels = session, labels
        self.value = ControlValue(name="lane", value=session.lane, preset=0)
        self.value.on_change("value", lambda attr, old, new: self._choose(new))
        super().__init__(run=session.run_id, **params)
        self.refresh()

    def refresh(self) -> None:
        """Show the session as it is now."""
        self.value.update(value=self._session.lane)
        self.param.update(count=self._session.lanes, labels=self._labels())

    def _choose(self, lane: Any) -> None:
        if lane == self._session.lane:
            return
        try:
            self._session.choose(lane)
        except ValueError:  # a click on a picture that has just gone
            self.value.update(value=self._session.lane)

    def _get_model(self, doc: Document, root: Any = None, parent: Any = None, comm: Any = None) -> Any:
        model = super()._get_model(doc, root, parent, comm)
        model.tags = [self.value]  # a reference from the page, so that the document holds it
        return model
