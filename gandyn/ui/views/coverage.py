"""How many modes are covered, and the share of samples that belong to any."""

from typing import Any

import holoviews as hv
from bokeh.models import BasicTicker, GlyphRenderer, LinearAxis, Range1d

from gandyn.ui import palette
from gandyn.ui.views import VIEWS, Compared, LegendEntry, Source, View, has_modes
from gandyn.ui.views.series import curve, series
from gandyn.ui.views.wiring import HEADROOM, Wiring


def _share_axis(plot: Any, element: Any) -> None:
    """An axis of its own, on the right, for the share: 1 stands where all modes stand."""
    plot.state.extra_y_ranges = {"share": Range1d(0, HEADROOM)}
    axis = LinearAxis(
        y_range_name="share",
        axis_label="high quality",
        axis_label_text_font_size=f"{palette.SMALL}px",
        axis_label_standoff=2,
        ticker=BasicTicker(desired_num_ticks=2),
    )
    plot.state.add_layout(axis, "right")
    for renderer in plot.state.select({"type": GlyphRenderer}):
        if getattr(renderer.glyph, "y", None) == "hq":
            renderer.y_range_name = "share"


def plot(wiring: Wiring) -> hv.Overlay:
    wiring.range("modes", headroom=HEADROOM)
    covered = curve(wiring, "modes", "covered", "covered", width=2.6)
    quality = curve(wiring, "modes", "hq", "text", width=1.4, dash="4 3")
    return series(wiring, covered * quality, "modes", "modes", hooks=[_share_axis])


VIEWS.add(
    View(
        "coverage",
        "modes covered, and the share of samples within three standard deviations of one",
        plot,
        sources=(Source("modes", ("step", "covered", "hq")),),
        key=(LegendEntry("modes covered", "covered", "bold"), LegendEntry("high quality", "text", "dashed")),
        series=True,
        compared=(Compared("modes", "covered", "modes covered"),),
        shows=has_modes,
        many=False,
    ),
    rank=30,
)
