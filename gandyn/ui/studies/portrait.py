"""The phase portrait of a game of one number each."""

import holoviews as hv

from gandyn.core.experiment import Experiment
from gandyn.probes.prediction import one_number_each
from gandyn.ui.studies import STUDIES, Axis, Number, Study
from gandyn.ui.studies.drawing import dots, line, plane, ring, segments
from gandyn.ui.views import LegendEntry
from gandyn.ui.views.wiring import Wiring

ARROWS, AHEAD, POINT = "portrait-arrows", "portrait-ahead", "portrait-point"


def plot(wiring: Wiring) -> hv.Overlay:
    levels = line(wiring, "portrait-levels", "level_theta", "level_psi", "contour", 1.0)
    arrows = segments(wiring, ARROWS, ("x0", "y0", "x1", "y1"), "uncovered", 1.4)
    heads = dots(wiring, ARROWS, "x1", "y1", "uncovered", size=3.5)
    ahead = line(wiring, AHEAD, "ahead_theta", "ahead_psi", "generated", 2.2)
    middle = ring(wiring, POINT, "middle_theta", "middle_psi", "real")
    here = dots(wiring, POINT, "here_theta", "here_psi", "generated", size=10)
    elements = hv.Overlay([levels, arrows, heads, ahead, middle, here])
    return plane(wiring, elements, "portrait", labels=("θ, the generator", "ψ, the critic"))


def unfit(experiment: Experiment) -> str:
    return "" if one_number_each(experiment) else "it is of games of one number each: dirac, bilinear, quadratic"


STUDIES.add(
    Study(
        "portrait",
        "phase portrait",
        "From each point a line to its dot says where a step of both players leads from there, under this objective, "
        "penalty, look-ahead and update rule; the orange line is where the next 60 steps lead from here, the ring the "
        "equilibrium, the circles lie at equal distances from it. A step's factor is what it makes of that distance, "
        "in the long run as theory has it and over the steps ahead: below 1 the game arrives.",
        "a step from 225 points, and 60 more from here: some tenths of a second",
        plot,
        sources={
            "portrait-levels": ("level_theta", "level_psi"),
            ARROWS: ("x0", "y0", "x1", "y1"),
            AHEAD: ("ahead_theta", "ahead_psi"),
            POINT: ("here_theta", "here_psi", "middle_theta", "middle_psi"),
        },
        axes=(Axis("portrait-x", ("line",)), Axis("portrait-y", ("line",))),
        numbers=(
            Number("turn", "steps a turn"),
            Number("verdict", "a step's factor:"),
        ),
        key=(
            LegendEntry("a step", "uncovered", "thin"),
            LegendEntry("ahead", "generated", "bold"),
            LegendEntry("equilibrium", "real", "bold"),
        ),
        square=True,
        unfit=unfit,
    ),
    rank=61,
)
