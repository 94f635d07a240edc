"""The component that receives a run's frames in the page and paints them; stream.py sends them."""

from typing import Any

import param

from gandyn.ui.page import palette
from gandyn.ui.page.component import Component
from gandyn.ui.page.messages import AXES
from gandyn.ui.studies import STUDIES
from gandyn.ui.views import VIEWS, View, layers
from gandyn.ui.views.sources import sources


def declared() -> dict[str, Any]:
    """What the page has to know of the views: the sources that frames bring, and the figures, as they declare them."""
    brought = {
        by: [name for name, source in sources().items() if source.brought_by == by] for by in ("frame", "series")
    }
    figures = [
        {"name": f"view-{name}", "live": view.live, "apart": view.apart, "reads": _reads(view)}
        for name, view in VIEWS.items()
    ]
    studies = [
        {
            "name": name,
            "sources": {source: list(columns) for source, columns in study.sources.items()},
            "axes": [axis._asdict() for axis in study.axes],
            "square": study.square,
            "slide": study.slide and study.slide._asdict(),
        }
        for name, study in STUDIES.items()
    ]
    return {"each": brought["frame"], "seldom": brought["series"], "figures": figures, "studies": studies}


def _reads(view: View) -> list[dict[str, str]]:
    """The curves whose values the page says at the pointer."""
    return [
        {"source": one.source, "column": one.column, "label": one.label, "along": one.along} for one in view.compared
    ]


class Feed(Component):
    """One a page, of no size. `ready` once the page is loaded: the browser speaks first."""

    run = param.String(constant=True, doc="the id of the run")
    root = param.String("./", constant=True, doc="where the server's paths begin, see gandyn/ui/server/root.py")
    ready = param.Boolean(False)
    layers = param.List(doc="the layers that are shown, by name; the others are not sent either")
    studies = param.List(doc="the views of choice whose figures are there, by name: their columns are sent while shown")
    displayed = param.List(doc="those of them that are shown")
    theme = param.Selector(default="light", objects=["light", "dark"])
    scale = param.Number(1.0, doc="of type and strokes in the figures; 1.4 for a projector")
    places = param.Integer(1, doc="for how many runs there are models")
    count = param.Integer(1, doc="how many runs are shown")
    axis = param.Selector(default="steps", objects=list(AXES), doc="what the curves are drawn over")
    views = param.Dict(constant=True, doc="what the views declare")
    palette = param.Dict(constant=True, doc="the tokens and what wears them")

    def __init__(self, **params: object) -> None:
        params.setdefault("layers", [layer.name for layer in layers()])
        params.setdefault("views", declared())
        params.setdefault(
            "palette", {"tokens": palette.TOKENS, "theme": palette.FIGURE_THEME, "palettes": palette.PALETTES}
        )
        super().__init__(**{"width": 0, "height": 0, "margin": 0, **params})
