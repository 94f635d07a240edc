"""Values beyond the end of an axis: a small triangle at its edge, with the value."""

from typing import Any

import holoviews as hv
import numpy as np
from bokeh.core.properties import value
from bokeh.models import Range1d

from gandyn.ui.page import palette
from gandyn.ui.views import Source
from gandyn.ui.views.elements import styled
from gandyn.ui.views.wiring import Wiring

SIZE = 9  # px across
_NONE = np.zeros(1)


def of_spikes(axis: str) -> Source:
    """The source of the marks on an axis, which web/src/figures/spikes.ts places; `at`: a share of the height."""
    return Source(
        f"spikes_{axis}", ("step", "at", "angle", "text", "align", "offset"), brought_by="page", text=("text", "align")
    )


def beside_axis(plot: Any, element: Any) -> None:
    """A hook: the element's heights are shares of the frame's height, and it is not cut off at the frame."""
    if "share" not in plot.state.extra_y_ranges:
        plot.state.extra_y_ranges = {**plot.state.extra_y_ranges, "share": Range1d(start=0, end=1)}
    plot.handles["glyph_renderer"].update(y_range_name="share", level="annotation")


def spikes(wiring: Wiring, axis: str) -> hv.Overlay:
    """The marks on an axis."""

    def tagged(plot: Any, element: Any) -> None:
        plot.handles["glyph_renderer"].glyph.tags = ["theme-muted"]

    muted, source = palette.TOKENS["light"]["muted"], f"spikes_{axis}"
    triangles = styled(
        hv.Points((_NONE, _NONE)),
        color=muted,
        line_color=muted,
        marker="triangle",
        size=SIZE,
        hooks=[wiring.feeds(source, x="step", y="at", angle="angle"), beside_axis, tagged],
    )
    values = styled(
        hv.Labels((_NONE, _NONE, [""])),
        text_color=muted,
        text_font=value(palette.FONT),
        text_font_size=f"{palette.SMALL}px",
        text_baseline="middle",
        hooks=[
            wiring.feeds(source, x="step", y="at", text="text", text_align="align", x_offset="offset"),
            beside_axis,
            tagged,
        ],
    )
    return triangles * values
