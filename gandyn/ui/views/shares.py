"""One bar a mode: its share of the generated samples, against its weight in the target."""

from typing import Any

import holoviews as hv
import numpy as np
from bokeh.models import BasicTicker, Dodge

from gandyn.ui.page import palette
from gandyn.ui.views import VIEWS, Compared, LegendEntry, Source, View, has_modes
from gandyn.ui.views.elements import styled
from gandyn.ui.views.series import aligned, themed
from gandyn.ui.views.ticks import percent
from gandyn.ui.views.wiring import FIGURE, Wiring

_NONE = np.zeros(1)
BARS = 0.7  # of the distance of two modes


def plot(wiring: Wiring) -> hv.Overlay:
    light = palette.TOKENS["light"]
    bars = styled(
        hv.Bars((_NONE, _NONE), "mode", "share"),
        color=light["generated"],
        line_color=None,
        hooks=[wiring.feeds("shares", x="mode", top="share", width=BARS), themed("generated")],
    )
    ends: dict[str, Any] = {
        f"x{i}": {"field": "mode", "transform": Dodge(value=side * BARS / 2)} for i, side in enumerate((-1, 1))
    }
    weights = styled(
        hv.Segments((_NONE, _NONE, _NONE, _NONE)),
        color=light["real"],
        line_width=2.4,
        hooks=[wiring.feeds("shares", y0="weight", y1="weight", **ends), themed("real")],
    )
    return styled(
        bars * weights,
        xlabel="mode",
        ylabel="share",
        xticks=BasicTicker(desired_num_ticks=8, mantissas=[1, 2, 5], min_interval=1),
        yticks=BasicTicker(desired_num_ticks=3),
        yformatter=percent(),
        **FIGURE,
        min_height=60,
        hooks=[wiring.on("mode", "share"), aligned],
    )


VIEWS.add(
    View(
        "shares",
        "the share of generated samples at each mode, and the mode's weight in the target",
        plot,
        sources=(Source("shares", ("mode", "share", "weight"), "frame"),),
        key=(LegendEntry("generated", "generated", "bar"), LegendEntry("target", "real", "bold")),
        compared=(Compared("shares", "share", "generated", along="mode", bars=True),),
        shows=has_modes,
        reading=(
            "The share of generated samples at each mode, and as a line the weight that the mode has in "
            "the target. One tall bar is a collapse; bars that all stay below their lines leave the rest "
            "of the samples between the modes."
        ),
        many=False,
    ),
    rank=40,
)
