"""The views of choice of one page: which are shown beside the stage, each in a panel of its own."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any, ClassVar

import panel as pn
import param
from panel.viewable import Children

from gandyn.core.experiment import Experiment
from gandyn.ui.page.assets import text
from gandyn.ui.page.component import Component
from gandyn.ui.page.feed import Feed
from gandyn.ui.page.messages import AdjustView, FromStudy
from gandyn.ui.session.session import Session
from gandyn.ui.studies import MOST, STUDIES
from gandyn.ui.views.comparison import MOST as RUNS
from gandyn.ui.views.comparison import placed
from gandyn.ui.views.figures import study_figure
from gandyn.ui.views.panes import LEGEND, legend

# A column beside the stage, a row below stages: the page says which.
_SHELF = """
:host { display: flex; flex-direction: var(--gandyn-views, column); gap: var(--gap, 0.75rem); height: 100%; }
.scroll-button { display: none; } /* Panel's, which would take its room */
"""


class StudyPanel(Component):
    """One view: its title, the step that it shows, its numbers, a figure for every run, and how to read it."""

    takes: ClassVar[Any] = FromStudy
    run = param.String(constant=True, doc="the id of what is on the air")
    study = param.String(constant=True, doc="its name")
    title = param.String(constant=True)
    reading = param.String(constant=True, doc="how to read it")
    cost = param.String(constant=True)
    key = param.String(constant=True, doc="its legend, as HTML")
    alone = param.Boolean(False, constant=True, doc="nothing else is shown")
    legend = param.List(constant=True, doc="the entries of the legend, for pictures")
    numbers = param.List(constant=True, doc="{name, label, percent} of each that stands above the figure")
    slide = param.Dict(None, allow_None=True, constant=True, doc="its slider, as it declares it; None: it has none")
    choices = param.List(doc="{name, label, options, value, hint} of what may be chosen of it, as it is now")
    figures = Children()
    count = param.Integer(1, doc="how many runs are shown")

    def __init__(
        self, name: str, closed: Callable[[], None], adjusted: Callable[[Mapping[str, str]], None], **params: Any
    ) -> None:
        study = STUDIES[name]
        self._closed, self._adjusted = closed, adjusted
        boxes = [pn.Column(sizing_mode="stretch_both", margin=0) for _ in range(RUNS)]
        super().__init__(
            study=name,
            title=study.title,
            reading=study.reading,
            cost=study.cost,
            key=legend(study.key),
            legend=[entry._asdict() for entry in study.key],
            numbers=[number._asdict() for number in study.numbers],
            slide=study.slide and study.slide._asdict(),
            figures=boxes,
            **params,
        )

    def fill(self, places: int) -> None:
        """Have figures for so many runs."""
        for place, box in enumerate(self.figures[:places]):
            if not len(box):
                figure = placed(study_figure(self.study), place)
                box.objects = [pn.pane.Bokeh(figure, sizing_mode="stretch_both", margin=0)]

    def offer(self, experiment: Experiment, chosen: Mapping[str, str]) -> None:
        """What may be chosen of it under this experiment, and what is."""
        self.choices = [choice._asdict() for choice in STUDIES[self.study].choices(experiment, chosen)]

    def receive(self, message: FromStudy) -> None:
        """A click on its cross, or a choice."""
        if isinstance(message, AdjustView):
            self._adjusted(message.chosen)
        else:
            self._closed()


class Studies:
    """Which views of choice a page shows. Their figures are made when they are first chosen, and kept."""

    def __init__(self, session: Session, feed: Feed, sheets: Sequence[str], changed: Callable[[], None]) -> None:
        """`changed` is called when others are shown."""
        self.shelf = pn.Column(sizing_mode="stretch_both", margin=0, stylesheets=[_SHELF])
        self._panels: dict[str, StudyPanel] = {}
        self._session, self._feed, self._changed = session, feed, changed
        self._sheets = [*sheets, LEGEND, text("page/study.css")]
        self._count, self._places = 1, 1

    def arrange(self, count: int, places: int) -> None:
        """For so many runs, with models for `places` of them."""
        self._count, self._places = count, places
        self._fill()

    def _fill(self) -> None:
        for name in self._session.views:
            self._panels[name].fill(self._places)
            if not self._session.watching:
                self._panels[name].offer(self._session.experiment, self._session.broadcast.chosen.get(name, {}))
        for panel in self._panels.values():
            panel.count = self._count

    def show(self, names: Sequence[str]) -> None:
        """Show these, the last MOST of them; ValueError with one line for one that there is not."""
        wanted = list(dict.fromkeys(STUDIES[name].name for name in names))[-MOST:]
        for name in wanted:
            if name not in self._panels:
                self._panels[name] = StudyPanel(
                    name,
                    lambda name=name: self.show([one for one in self._session.views if one != name]),
                    partial(self._session.adjust, name),
                    run=self._session.run_id,
                    alone=self._session.alone,
                    stylesheets=self._sheets,
                    sizing_mode="stretch_both",
                    margin=0,
                )
        self._session.views = tuple(wanted)
        with pn.io.hold():  # the models, and then who writes into them
            self._fill()
            for name, panel in self._panels.items():
                panel.visible = name in wanted
            if len(self._panels) != len(self.shelf):
                self.shelf.objects = list(self._panels.values())
            self._feed.param.update(studies=list(self._panels), displayed=wanted)
        self._changed()


def offered(experiment: Experiment) -> list[dict[str, str]]:
    """What the menu of views says of each: its name, title, cost, how to read it, and why there is nothing to see."""
    return [
        {
            "name": name,
            "title": study.title,
            "reading": study.reading,
            "cost": study.cost,
            "unfit": study.unfit(experiment),
        }
        for name, study in STUDIES.items()
    ]
