"""Optimal transport on a handful of samples, as lines."""

import holoviews as hv

from gandyn.ui.studies import STUDIES, Axis, Number, Slide, Study
from gandyn.ui.studies.drawing import dots, plane, segments
from gandyn.ui.views import LegendEntry
from gandyn.ui.views.wiring import Wiring

SOURCE = "transport_plan-pairs"


def plot(wiring: Wiring) -> hv.Overlay:
    ways = segments(wiring, SOURCE, ("fake_x", "fake_y", "real_x", "real_y"), "arrow", 1.2)
    real = dots(wiring, SOURCE, "real_x", "real_y", "real", "circle", 7)
    fake = dots(wiring, SOURCE, "fake_x", "fake_y", "generated", "triangle", 8)
    return plane(wiring, ways * real * fake, "transport_plan")


STUDIES.add(
    Study(
        "transport_plan",
        "optimal transport",
        "Each of 64 generated samples is tied to the real one that it would go to if all went as short a way as "
        "possible: the mean length of the lines is W1. Drag them away, in the picture (a double click puts them back) "
        "or by the slider: W1 grows all the way, so a critic of it always has a gradient to lead them back, while JS "
        "stops at ln 2 = 0.693 as soon as both are apart, and says nothing of where to go.",
        "an assignment of 64 points, there and again in the page where it is dragged: some milliseconds",
        plot,
        sources={SOURCE: ("fake_x", "fake_y", "real_x", "real_y")},
        axes=(Axis("transport_plan-x", window=True), Axis("transport_plan-y", window=True)),
        numbers=(Number("w1", "W1"), Number("js", "JS")),
        key=(LegendEntry("real", "real", "bold"), LegendEntry("generated", "generated", "bold")),
        square=True,
        slide=Slide(
            "drag the generated samples away",
            ("here", "away"),
            begin=0,
            home=0,
            blend={"fake_x": "away_x", "cloud_x": "cloud_away_x"},
            then="paired",
            grip=(("fake_x", "cloud_x"), ("fake_y", "cloud_y")),
        ),
    ),
    rank=70,
)
