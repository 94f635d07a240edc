"""The page: the stage in the middle, what steers it on the left, what measures it on the right."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from html import escape
from typing import Any, ClassVar
from urllib.parse import quote

import panel as pn
import param
from panel.viewable import Child, Children, Viewable

from gandyn.core.experiment import Experiment
from gandyn.ui.classroom.rules import Rules
from gandyn.ui.compare.many import LAYER, Many
from gandyn.ui.compare.stages import Stages
from gandyn.ui.controls.controls import Controls
from gandyn.ui.controls.own_data import OwnData
from gandyn.ui.page import palette
from gandyn.ui.page.assets import text
from gandyn.ui.page.component import Component
from gandyn.ui.page.feed import Feed
from gandyn.ui.page.messages import Axis, FromPage, ShowAxis
from gandyn.ui.page.studies import Studies, offered
from gandyn.ui.server.root import root
from gandyn.ui.session.session import Session
from gandyn.ui.share.link_views import Views
from gandyn.ui.time.timebar import TimeBar
from gandyn.ui.time.transport import Transport
from gandyn.ui.views import VIEWS, layers
from gandyn.ui.views.comparison import DASHES
from gandyn.ui.views.panes import Panes, described, fits

BASE = text("page/style.css")
WIDE: dict[str, Any] = {"sizing_mode": "stretch_width", "margin": 0}
# Panel puts a page of one component into its plain template; this goes into its head, so that the first thing painted
# has the right ground, and a phone does not shrink a desktop's page.
HEAD = """
{% block postamble %}
<meta name="gandyn-root" content="ROOT">
<meta name="viewport" content="width=device-width, initial-scale=1">
<style>TOKENS OPENING</style>
<script>SCRIPT</script>
{% endblock %}
"""


def _head(root: str) -> str:
    parts = {
        "ROOT": escape(root),
        "TOKENS": palette.css(),
        "OPENING": text("page/opening.css"),
        "SCRIPT": text("page/bundle/first.js"),
    }
    head = HEAD
    for name, part in parts.items():
        head = head.replace(name, part)
    return head


# A real sample and a generated one.
FAVICON = "data:image/svg+xml," + quote(
    "<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 16 16'>"
    f"<circle cx='5' cy='6' r='4' fill='{palette.REAL}'/><path d='M10.5 5l4.5 9H6z' fill='{palette.GENERATED}'/></svg>"
)


class Page(Component):
    """The frame in which the parts stand. All sizes follow from the window; nothing moves when the data do."""

    takes: ClassVar[Any] = FromPage
    run = param.String(doc="the id of the run")
    above = Child(doc="the line of a class; None: there is none")
    classroom = param.Boolean(False, constant=True, doc="whether there is one")
    watching = param.Boolean(False, constant=True, doc="whether the page only looks on")
    bar = Child()
    controls = Child()  # pyright: ignore[reportAssignmentType]  in the place of Panel's method that makes widgets
    stages = Child()
    time = Child()
    own = Child()
    many = Child()
    series = Children()
    views = Child(doc="the views of choice, of which nothing is made before they are chosen")
    feed = Child()
    offered = param.List(doc="{name, title, reading, cost, unfit} of each view of choice")
    displayed = param.List(doc="names of those that are shown")
    alone = param.Boolean(False, constant=True, doc="nothing else is shown")
    beside = param.List(doc="{name, summary, key, several: the key of several runs, steps} of each in `series`")
    axis = param.String("steps", doc="what the curves are drawn over")
    dashes = param.List(doc="of the curves of each of several runs")
    absent = param.List(doc="names of the series that have nothing to show for this experiment")
    words = param.Dict({}, doc="summary, note and cite of the preset")
    layers = param.List(constant=True, doc="those of the stage, as their view declares them")
    pictures = param.String(LAYER, constant=True, doc="the layer of many GANs at once, beside those of the stage")
    lanes = param.Integer(1, doc="GANs at once: from two on their pictures stand beside the stage")
    count = param.Integer(1, doc="runs that are compared")

    def __init__(self, chosen: Callable[[Sequence[str]], None], turned: Callable[[Axis], None], **params: Any) -> None:
        """`chosen` is called with the names of the views that a person has chosen, `turned` with the axis."""
        self._chosen, self._turned = chosen, turned
        super().__init__(**params)

    def suit(self, experiments: Sequence[Experiment], lanes: int) -> None:
        """Let the words and the figures fit these runs, or so many GANs of one."""
        absent = [one["name"] for one in self.beside if not fits(VIEWS[one["name"]], experiments, lanes)]
        first = experiments[0]
        words = {"summary": first.summary, "note": first.note, "cite": first.cite}
        self.param.update(absent=absent, words=words, lanes=lanes, count=len(experiments), offered=offered(first))

    def receive(self, message: FromPage) -> None:
        """A choice in the menu of views, or of what the curves are drawn over."""
        if isinstance(message, ShowAxis):
            self._turned(message.axis)
        else:
            self._chosen(message.names)


def build_page(
    session: Session,
    *,
    notice: str | None = None,
    above: Component | None = None,
    rules: Rules | None = None,
    labels: Callable[[], list[str]] = list,
    views: Views = Views(),  # noqa: B008  immutable
    axis: Axis = "steps",
) -> tuple[Viewable, Feed]:
    """The page of a session, and what receives its frames. `notice`: a line to begin with.

    `views`: those of choice that are shown at first, and what is chosen of them. `axis`: what its curves are over.
    In a class: the line `above`, the `rules` that the controls keep to, and the `labels` of GANs in a sweep.
    """
    bar = Transport(session, rules, stylesheets=[BASE, text("time/transport.css")], **WIDE)
    if notice:
        bar.tell(notice, "default")
    panes = Panes(session.run_id)
    feed = Feed(run=session.run_id, root=root(pn.state.curdoc), layers=[*(layer.name for layer in layers()), LAYER])
    controls = Controls(session, rules, stylesheets=[BASE, text("controls/controls.css")], **WIDE)
    stages = Stages(
        session,
        stages=panes.stages,
        stylesheets=[BASE, text("compare/stages.css")],
        sizing_mode="stretch_both",
        margin=0,
    )
    many = Many(
        session,
        labels,
        colours=palette.TOKENS,
        stylesheets=[BASE, text("compare/many.css")],
        sizing_mode="stretch_both",
        margin=0,
    )
    time = TimeBar(session, stylesheets=[BASE, text("time/timebar.css")], **WIDE)
    own = OwnData(session, stylesheets=[BASE, text("controls/own_data.css")], margin=0)
    session.alone, session.axis = views.alone, axis
    studies = Studies(session, feed, [BASE], lambda: refresh())  # noqa: PLW0108  it is defined below

    def turn(to: Axis) -> None:
        session.axis = to
        refresh()

    page = Page(
        studies.show,
        turn,
        run=session.run_id, bar=bar, controls=controls, stages=stages, time=time, own=own, many=many, feed=feed,
        series=list(panes.beside.values()), views=studies.shelf, alone=views.alone,
        above=above, classroom=above is not None, watching=session.watching,
        layers=[layer._asdict() for layer in layers()],
        beside=[described(VIEWS[name]) for name in panes.beside], dashes=list(DASHES),
        stylesheets=[BASE, text("page/page.css"), text("page/views.css")], **WIDE,
    )  # fmt: skip

    def show() -> None:
        experiments = [run.experiment for run in session.runs]
        panes.arrange(experiments, session.lanes)
        studies.arrange(len(experiments), panes.places)
        page.suit(experiments, session.lanes)
        page.displayed = list(session.views)
        page.axis = session.axis
        feed.param.update(places=panes.places, count=len(experiments), axis=session.axis)

    def refresh() -> None:
        with pn.io.hold():  # as one message, in this order: the groups of controls speak of models that come before
            for part in (controls, bar, many, stages, time, own):
                part.refresh()
            show()

    show()
    for name, chosen in views.chosen.items():
        session.adjust(name, chosen)
    if views.names:
        studies.show(views.names)
    session.watch(refresh)
    if pn.state.curdoc:
        pn.state.curdoc.title = "gandyn"
        pn.state.curdoc.template_variables["app_favicon"] = FAVICON
        pn.state.curdoc.template = _head(feed.root)  # pyright: ignore[reportAttributeAccessIssue]  Bokeh takes a text, too
    return page, feed
