"""The path angle: whether the run is drawn to where it stands, or goes round it."""

import holoviews as hv

from gandyn.ui.studies import STUDIES, Axis, Number, Study
from gandyn.ui.studies.drawing import area, figure, line, on_range, upright
from gandyn.ui.views import LegendEntry
from gandyn.ui.views.wiring import Wiring

SOURCE = "path-line"


def plot(wiring: Wiring) -> hv.Overlay:
    size = area(wiring, SOURCE, "alpha", "norm", "mark", 0.25, on_range(wiring, "path-norm"))
    angle = line(wiring, SOURCE, "alpha", "angle", "critic", 2.4)
    labels = ("share of the way from the start to here", "cos of the flow's angle")
    return figure(wiring, hv.Overlay([size, angle, upright(1.0)]), ("path-alpha", "path-angle"), labels)


STUDIES.add(
    Study(
        "path",
        "path angle",
        "Along the straight line from the initial weights of both players through the present ones (dashed, at 1) and "
        "beyond: the cosine of the angle between the line and the way that the gradients lead; filled: how long they "
        "are. A switch of sign at 1 says that the run is drawn to where it stands, a bump there that it goes round it.",
        "both players' gradients at 81 points: some tenths of a second",
        plot,
        sources={SOURCE: ("alpha", "angle", "norm")},
        axes=(
            Axis("path-alpha", ("alpha",)),
            Axis("path-angle", ("angle",), symmetric=True),
            Axis("path-norm", ("norm",), low=0),
        ),
        numbers=(Number("switch", "attraction"), Number("bump", "rotation"), Number("length", "way from the start")),
        key=(LegendEntry("angle", "critic", "bold"), LegendEntry("|gradients|", "mark", "bar")),
    ),
    rank=62,
)
