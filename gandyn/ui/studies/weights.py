"""The critic's weights as a histogram, with the bounds of the clip."""

import holoviews as hv

from gandyn.ui.studies import STUDIES, Axis, Number, Study
from gandyn.ui.studies.drawing import bars, figure, stems
from gandyn.ui.views import LegendEntry
from gandyn.ui.views.ticks import percent
from gandyn.ui.views.wiring import Wiring


def plot(wiring: Wiring) -> hv.Overlay:
    spread = bars(wiring, "weights-bins", "left", "right", "share", "critic")
    bounds = stems(wiring, "weights-bounds", "bound", "top", "warning", 2.0)
    return figure(
        wiring,
        spread * bounds,
        ("weights-w", "weights-share"),
        ("weight", "share of weights"),
        yformatter=percent(),
    )


STUDIES.add(
    Study(
        "weights",
        "critic's weights",
        "Bars: how many of the critic's weights and biases have which value; dashed: the bounds that the clip"
        " sets. Where most weights stand at a bound the clip, not the data, decides what the critic can say.",
        "one pass over the weights: less than a millisecond",
        plot,
        sources={"weights-bins": ("left", "right", "share"), "weights-bounds": ("bound", "top")},
        axes=(Axis("weights-w", ("left", "right"), symmetric=True), Axis("weights-share", ("share",), low=0)),
        numbers=(
            Number("at_clip", "at the clip", percent=True),
            Number("clip", "clip"),
            Number("largest", "largest |w|"),
        ),
        key=(LegendEntry("weights", "critic", "bar"), LegendEntry("clip", "warning", "dashed", needs="at_clip")),
    ),
    rank=40,
)
