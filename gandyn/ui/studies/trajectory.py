"""Where the next steps lead, in the plane in which they spread most."""

import holoviews as hv

from gandyn.probes.ahead import too_long
from gandyn.ui.studies import STUDIES, Axis, Number, Study
from gandyn.ui.studies.drawing import dots, line, plane
from gandyn.ui.views import LegendEntry
from gandyn.ui.views.wiring import Wiring

HERE = "trajectory-here"
COLUMNS = ("first", "second")


def plot(wiring: Wiring) -> hv.Overlay:
    way = line(wiring, "trajectory-line", "first", "second", "critic", 2.0)
    marks = dots(wiring, "trajectory-dots", "dot_1", "dot_2", "critic", size=6)
    here = dots(wiring, HERE, "here_1", "here_2", "generated", size=11)
    labels = ("first direction of both players' weights", "second direction")
    return plane(wiring, hv.Overlay([way, marks, here]), "trajectory", labels=labels, grid=True)


STUDIES.add(
    Study(
        "trajectory",
        "trajectory of the next steps",
        "The way that both players' weights take from here (orange) under the present settings, in the two directions "
        "in which it spreads most, with a dot for each eighth of it. Loops are a rotation, and a loop that closes gets "
        "nowhere; a single bow is what any steady drift draws, noise alone included.",
        "the next 200 steps, fewer of large networks: a tenth of a second to one",
        plot,
        sources={
            "trajectory-line": COLUMNS,
            "trajectory-dots": ("dot_1", "dot_2"),
            HERE: ("here_1", "here_2"),
        },
        axes=(Axis("trajectory-x", COLUMNS, symmetric=True), Axis("trajectory-y", COLUMNS, symmetric=True)),
        numbers=(
            Number("steps", "steps"),
            Number("plane", "seen in this plane", percent=True),
            Number("critic", "the critic's share", percent=True),
        ),
        key=(LegendEntry("now", "generated", "circle"), LegendEntry("next steps", "critic", "bold")),
        square=True,
        unfit=too_long,
    ),
    rank=64,
)
