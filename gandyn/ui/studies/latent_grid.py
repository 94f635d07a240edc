"""The latent grid in data space: how the generator folds and stretches the plane of its latents."""

from typing import Any

import holoviews as hv
from bokeh.models import LinearColorMapper

from gandyn.core.experiment import Experiment
from gandyn.ui.page import palette
from gandyn.ui.studies import STUDIES, Axis, Number, Slide, Study
from gandyn.ui.studies.drawing import dots, plane, segments
from gandyn.ui.views import LegendEntry
from gandyn.ui.views.wiring import Wiring

DECADES = -1.5, 1.5  # of the largest singular value: the ends of its colours


def _coloured(plot: Any, element: Any) -> None:
    low, high = DECADES
    mapper = LinearColorMapper(
        palette=palette.PALETTES["stretch"]["light"], low=low, high=high, tags=["palette-stretch"]
    )
    glyph = plot.handles["glyph_renderer"].glyph
    glyph.update(line_color={"field": "stretch", "transform": mapper}, line_alpha="alpha")
    glyph.tags = []  # its colours are the mapper's


def plot(wiring: Wiring) -> hv.Overlay:
    data = dots(wiring, "latent_grid-real", "real_x", "real_y", "real", size=4)
    lines = segments(wiring, "latent_grid-lines", ("x0", "y0", "x1", "y1"), "generated", 1.5)
    lines.opts(hooks=[*lines.opts.get().kwargs["hooks"], _coloured])
    return plane(wiring, data * lines, "latent_grid")


def unfit(experiment: Experiment) -> str:
    return "" if experiment.game.latent.size else "this generator has no latent"


STUDIES.add(
    Study(
        "latent_grid",
        "latent grid in data space",
        "The lines of a square grid over a slice of the latents, where the generator puts them (the slider leads there "
        "from the flat grid): opaque where many samples lie, coloured by how far it stretches there, by the largest "
        "singular value of its Jacobian. Faint, stretched bundles are the bridges between modes; a grid that has "
        "shrunk to a knot is a collapse.",
        "the generator's Jacobian at 2,000 points: some hundredths of a second",
        plot,
        sources={
            "latent_grid-lines": ("x0", "y0", "x1", "y1", "stretch", "alpha"),
            "latent_grid-real": ("real_x", "real_y"),
        },
        axes=(Axis("latent_grid-x", window=True), Axis("latent_grid-y", window=True)),
        numbers=(
            Number("median", "stretch: median"),
            Number("largest", "largest"),
            Number("folded", "folded flat", percent=True),
        ),
        key=(
            LegendEntry("real", "real", "bold"),
            LegendEntry("squeezed", "squeezed", "bold"),
            LegendEntry("stretched", "stretched", "bold"),
        ),
        square=True,
        slide=Slide(
            "from the latents to the samples",
            ("latents", "samples"),
            begin=1,
            home=1,
            blend={end: f"flat_{end}" for end in ("x0", "y0", "x1", "y1")},
        ),
        unfit=unfit,
    ),
    rank=10,
)
