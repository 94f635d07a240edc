"""What a look-ahead changes in the critic, and where it pushes samples instead."""

from typing import Any

import holoviews as hv
import numpy as np
from bokeh.models import LinearColorMapper

from gandyn.probes.inputs import critic_unread
from gandyn.ui.page import palette
from gandyn.ui.studies import STUDIES, Axis, Number, Study
from gandyn.ui.studies.drawing import dots, plane, segments
from gandyn.ui.views import LegendEntry
from gandyn.ui.views.elements import styled
from gandyn.ui.views.wiring import Wiring

MAP, ARROWS = "look_ahead-map", "look_ahead-arrows"


def _around_zero(plot: Any, element: Any) -> None:
    mapper = LinearColorMapper(palette=palette.PALETTES["critic"]["light"], low=-1, high=1, tags=["palette-critic"])
    plot.handles["glyph_renderer"].glyph.color_mapper = mapper


def plot(wiring: Wiring) -> hv.Overlay:
    heat = styled(
        hv.Image(np.zeros((2, 2)), bounds=(-1, -1, 1, 1), vdims="difference"),
        cmap=palette.CRITIC["light"],
        clim=(-1, 1),
        colorbar=False,
        hooks=[
            wiring.feeds(MAP, image="difference", x="map_x", y="map_y", dw="map_w", dh="map_h"),
            _around_zero,
        ],
    )
    plain = segments(wiring, ARROWS, ("x0", "y0", "x1", "y1"), "uncovered", 1.2)
    ahead = segments(wiring, ARROWS, ("x0", "y0", "xk", "yk"), "ink", 2.0)
    samples = dots(wiring, ARROWS, "x0", "y0", "generated", "triangle", 7)
    return plane(wiring, heat * plain * ahead * samples, "look_ahead")


STUDIES.add(
    Study(
        "look_ahead",
        "what a look-ahead changes",
        "The map: where k more updates would raise the critic (green) and lower it (purple), with fixed samples "
        "beside each place if it judges several together; from each sample"
        " a thin line to where the critic pushes it now, a thick one to where the critic after k updates "
        "does. Thick lines that leave the thin ones show what a look-ahead tells the generator before the "
        "critic gets there.",
        "two gradients through k updates of the critic: some hundredths of a second, more with a penalty",
        plot,
        sources={
            MAP: ("difference", "map_x", "map_y", "map_w", "map_h"),
            ARROWS: ("x0", "y0", "x1", "y1", "xk", "yk"),
        },
        images={MAP: "difference"},
        axes=(Axis("look_ahead-x", window=True), Axis("look_ahead-y", window=True)),
        numbers=(
            Number("k", "k"),
            Number("largest", "largest change"),
            Number("second_share", "second-order share", percent=True),
            Number("turned", "turned by, degrees"),
        ),
        key=(
            LegendEntry("k = 0", "uncovered", "thin"),
            LegendEntry("k ahead", "ink", "bold"),
        ),
        square=True,
        unfit=critic_unread,
    ),
    rank=50,
)
