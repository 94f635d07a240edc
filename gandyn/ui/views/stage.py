"""The stage: data space, with what the critic thinks of it, where the data are and where the generator is."""

from typing import Any

import holoviews as hv
import numpy as np
from bokeh.core.properties import value
from bokeh.models import LinearColorMapper, LinearInterpolator

from gandyn.ui.page import palette
from gandyn.ui.views import VIEWS, Layer, Source, View
from gandyn.ui.views.elements import styled
from gandyn.ui.views.series import tag_theme, themed
from gandyn.ui.views.wiring import FIGURE, Wiring

# As their switches stand in the page; they are drawn in the order of plot().
LAYERS = (
    Layer("map", "what the critic thinks of every point", "M1.5 3.5h13v9h-13z"),
    Layer("contours", "lines of equal critic, the thick one undecided", "M2 11c3-8 9 4 12-6"),
    Layer("arrows", "the gradient that each generated sample follows", "M2 14L13 3M7.5 3H13v5.5"),
    Layer(
        "modes",
        "three standard deviations around each mode, thick where it is covered; its number",
        "M8 2.5a5.5 5.5 0 1 0 .01 0z",
    ),
    Layer("real", "real samples: circles", "M8 3.5a4.5 4.5 0 1 0 .01 0z", filled=True),
    Layer("generated", "generated samples: triangles", "M8 3l5.5 10h-11z", filled=True),
)
# What the page writes on the stage (web/src/figures/stage_words.ts): the modes' numbers, as the bars have them, and how
# many samples are beyond each edge.
WORDS = (
    Source("mode_numbers", ("x", "y", "dx", "dy", "text"), "page", text=("text",)),
    Source("outside", ("x", "y", "text", "align", "baseline"), "page", text=("text", "align", "baseline")),
)
DOTS = {"real": 6, "generated": 8}  # px across
_NONE = np.zeros(1)
_POINT = (_NONE, _NONE)
_MARGINS = {"min_border_left": 54, "min_border_bottom": 54, "min_border_top": 10, "min_border_right": 10}
# The largest square that the box around it has room for above the key; the box is a size container (panes.py).
_SIDE = "min(100cqw, 100cqh - 1.5rem) !important"
_LARGEST = f":host {{ width: {_SIDE}; height: {_SIDE}; flex: none !important; align-self: center !important; }}"


def _named_mapper(plot: Any, element: Any) -> None:
    plot.handles["color_mapper"].update(name="map-critic", tags=["palette-critic"])


def _by_coverage(plot: Any, element: Any) -> None:
    """Circles of covered modes stand out and are thick, the others are pale and thin."""
    mapper = LinearColorMapper(palette=palette.PALETTES["covered"]["light"], low=0, high=1, tags=["palette-covered"])
    width = LinearInterpolator(x=[0, 1], y=[1.2, 2.6])
    glyph = plot.handles["glyph_renderer"].glyph
    glyph.line_color = {"field": "covered", "transform": mapper}
    glyph.line_width = {"field": "covered", "transform": width}


def _square(plot: Any, element: Any) -> None:
    """Margins of fixed size on each side, as much across as down: a square box gives a square frame, always."""
    plot.state.update(**_MARGINS, background_fill_color=palette.TOKENS["light"]["sheet"], stylesheets=[_LARGEST])
    tag_theme(plot.state, background_fill_color="sheet")


def _words(wiring: Wiring, source: str, layer: str, size: int, **glyph: Any) -> hv.Labels:
    """Text on a ground of its own, so that it can be read over the map and the dots."""

    def legible(plot: Any, element: Any) -> None:
        sheet = palette.TOKENS["light"]["sheet"]
        plot.handles["glyph_renderer"].glyph.update(
            background_fill_color=sheet, background_fill_alpha=0.8, padding=2, border_radius=3
        )

    return styled(
        hv.Labels((_NONE, _NONE, [""])),
        text_font=value(palette.FONT),
        text_font_size=f"{size}px",
        hooks=[
            wiring.feeds(source, layer, x="x", y="y", text="text", **glyph),
            legible,
            themed(text_color="ink", background_fill_color="sheet"),
        ],
    )


def plot(wiring: Wiring) -> hv.Overlay:
    dot = {"line_color": palette.OUTLINE, "line_width": 0.6, "fill_alpha": 0.95}
    heat = styled(
        hv.Image(np.zeros((2, 2)), bounds=(-1, -1, 1, 1), vdims="critic"),
        cmap=palette.CRITIC["light"],
        clim=(0, 1),
        colorbar=False,
        hooks=[wiring.feeds("critic", "map", image="image", x="x", y="y", dw="dw", dh="dh"), _named_mapper],
    )
    contours = styled(
        hv.Curve(_POINT), line_width=1, hooks=[wiring.feeds("contours", "contours", x="x", y="y"), themed("contour")]
    )
    midline = styled(
        hv.Curve(_POINT), line_width=1.6, hooks=[wiring.feeds("midline", "contours", x="x", y="y"), themed("midline")]
    )
    arrows = styled(
        hv.Segments((_NONE, _NONE, _NONE, _NONE), ["x0", "y0", "x1", "y1"]),
        line_width=1,
        hooks=[wiring.feeds("arrows", "arrows", x0="x0", y0="y0", x1="x1", y1="y1"), themed("arrow")],
    )
    real = styled(
        hv.Points(_POINT),
        color=palette.REAL,
        marker="circle",
        size=DOTS["real"],
        **dot,
        hooks=[wiring.feeds("real", "real", x="x", y="y"), themed(line_color="outline")],
    )
    generated = styled(
        hv.Points(_POINT),
        color=palette.GENERATED,
        marker="triangle",
        size=DOTS["generated"],
        **dot,
        hooks=[wiring.feeds("generated", "generated", x="x", y="y"), themed(line_color="outline")],
    )
    circles = styled(
        hv.Points((_NONE, _NONE, _NONE), vdims="radius"),
        radius="radius",
        fill_color=None,
        hooks=[wiring.feeds("circles", "modes", x="x", y="y", radius="radius"), _by_coverage],
    )
    numbers = _words(wiring, "mode_numbers", "modes", palette.SMALL, x_offset="dx", y_offset="dy")
    outside = _words(wiring, "outside", "generated", palette.BODY, text_align="align", text_baseline="baseline")
    return styled(
        heat * contours * midline * arrows * real * generated * circles * numbers * outside,
        xlabel="x₁",
        ylabel="x₂",
        **FIGURE,
        min_height=120,
        hooks=[wiring.on("x", "y"), _square],
    )


VIEWS.add(
    View(
        "stage",
        "data space: the critic, the real and the generated samples",
        plot,
        sources=(
            Source("critic", ("image", "x", "y", "dw", "dh"), "frame", image="image"),
            Source("contours", ("x", "y"), "frame"),
            Source("midline", ("x", "y"), "frame"),
            Source("arrows", ("x0", "y0", "x1", "y1"), "frame"),
            Source("real", ("x", "y")),
            Source("generated", ("x", "y"), "frame"),
            Source("circles", ("x", "y", "radius", "covered"), "frame"),
            *WORDS,
        ),
        layers=LAYERS,
        reading=(
            "Circles are real samples, triangles generated ones; the map is what the critic thinks of "
            "every place, green for real and purple for generated, undecided along the thick line (of a critic "
            "that judges several samples together: with fixed real or generated ones beside it). Each "
            "arrow is where the critic pushes a sample: no arrows, no learning."
        ),
        apart=True,
    ),
    rank=0,
)
