"""The share of samples that belong to any mode: below the modes covered, on an axis of its own from 0 to 100 %."""

import holoviews as hv
from bokeh.models import BasicTicker

from gandyn.ui.views import VIEWS, Compared, LegendEntry, Source, View, has_modes
from gandyn.ui.views.elements import styled
from gandyn.ui.views.series import latest, of_latest, series, stairs
from gandyn.ui.views.ticks import percent
from gandyn.ui.views.wiring import HEADROOM, Wiring


def plot(wiring: Wiring) -> hv.Overlay:
    wiring.range("quality", -HEADROOM, 1 + HEADROOM)  # a share has one range for ever
    share = stairs(wiring, "modes", "hq", "text", width=1.4) * latest(wiring, "hq", "text")
    return styled(
        series(wiring, share, "quality", "quality"),
        yformatter=percent(),
        yticks=BasicTicker(desired_num_ticks=2),
    )


VIEWS.add(
    View(
        "quality",
        "high quality: the share of samples within three standard deviations of a mode",
        plot,
        sources=(Source("modes", ("step", "hq")), of_latest("hq")),
        key=(LegendEntry("high quality", "text"),),
        series=True,
        reading=(
            "The share of samples within three standard deviations of some mode. High quality with few "
            "modes covered is a collapse onto them; all modes with low quality are samples that are "
            "spread too widely."
        ),
        compared=(Compared("modes", "hq", "high quality", 1.2),),
        shows=has_modes,
        many=False,
        under="coverage",
    ),
    rank=31,
)
