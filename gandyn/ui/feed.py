"""The component that receives a run's frames in the page and paints them; stream.py sends them."""

import param
from panel.custom import JSComponent

from gandyn.ui import palette
from gandyn.ui.assets import joined
from gandyn.ui.views import VIEWS
from gandyn.ui.views.wiring import HEADROOM

LAYERS = ("map", "contours", "arrows", "real", "generated", "modes")


class Feed(JSComponent):
    """One a page, of no size. `ready` once the page is loaded: the browser speaks first."""

    run = param.String(doc="the id of the run")
    ready = param.Boolean(False)
    layers = param.List(list(LAYERS), doc="the layers of the stage that are shown; the others are not sent either")
    theme = param.Selector(default="light", objects=["light", "dark"])
    scale = param.Number(1.0, doc="of type and strokes in the figures; 1.4 for a projector")
    figures = param.List(doc="the names of the figures", constant=True)
    headroom = param.Number(HEADROOM, constant=True)
    palette = param.Dict(doc="the tokens and what wears them", constant=True)

    _esm = joined("decode.js", "fast_glyphs.js", "paint.js", "figure_theme.js", "feed.js")

    def __init__(self, **params: object) -> None:
        params.setdefault("figures", [f"view-{name}" for name in VIEWS])
        params.setdefault("palette", {"tokens": palette.TOKENS, "theme": palette.FIGURE_THEME})
        super().__init__(**{"width": 0, "height": 0, "margin": 0, **params})
