"""The eigenvalues of the game in the complex plane, with the edge of what the update rule can take."""

import holoviews as hv

from gandyn.ui.studies import STUDIES, Axis, Number, Study
from gandyn.ui.studies.drawing import dots, line, plane
from gandyn.ui.views import LegendEntry
from gandyn.ui.views.wiring import Wiring


def plot(wiring: Wiring) -> hv.Overlay:
    edge = line(wiring, "spectrum-edge", "edge_real", "edge_imag", "critic", 2.0)
    every = dots(wiring, "spectrum-values", "real", "imag", "covered", size=8)
    grows = dots(wiring, "spectrum-grows", "grows_real", "grows_imag", "warning", size=8)
    labels = ("real part", "imaginary part")
    return plane(wiring, hv.Overlay([edge, every, grows]), "spectrum", labels=labels, grid=True)


STUDIES.add(
    Study(
        "spectrum",
        "eigenvalues of the game",
        "Dots: the eigenvalues of the Jacobian of both players' gradients, far from the real axis where the players "
        "rotate, left of 0 where the flow leads away; the line: the edge of what this update rule takes at its rates "
        "(a disc for gradient descent), which Adam has not. What lies beyond it, orange, grows with every step.",
        "as many Jacobian-vector products as both players have parameters, 40 above 600: some tenths of a second",
        plot,
        sources={
            "spectrum-edge": ("edge_real", "edge_imag"),
            "spectrum-values": ("real", "imag"),
            "spectrum-grows": ("grows_real", "grows_imag"),
        },
        axes=(Axis("spectrum-x", ("line",)), Axis("spectrum-y", ("line",))),
        numbers=(
            Number("largest", "a step's factor:"),
            Number("rotation", "rotation", percent=True),
            Number("kind", "here:"),
        ),
        key=(
            LegendEntry("eigenvalue", "covered", "circle"),
            LegendEntry("grows", "warning", "circle"),
            LegendEntry("edge of the rule", "critic", "bold"),
        ),
        square=True,
    ),
    rank=60,
)
