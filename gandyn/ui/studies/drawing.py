"""What the views of choice are drawn with: elements that name their source and columns. Registers nothing."""

from typing import Any

import holoviews as hv
import numpy as np
from bokeh.models import BasicTicker, Step, VArea

from gandyn.ui.page import palette
from gandyn.ui.views.elements import styled
from gandyn.ui.views.series import tag_theme, themed
from gandyn.ui.views.ticks import number
from gandyn.ui.views.wiring import FIGURE, Hook, Wiring

_NONE = np.zeros(1)
_LIGHT = palette.TOKENS["light"]
MARGINS = {"min_border_left": 56, "min_border_right": 12, "min_border_top": 8, "min_border_bottom": 42}


def line(wiring: Wiring, source: str, x: str, y: str, token: str, width: float = 2.0, dash: str = "solid") -> hv.Curve:
    """A line through the points of two columns; NaN is a gap."""
    return styled(
        hv.Curve((_NONE, _NONE)),
        color=_LIGHT[token],
        line_width=width,
        line_dash=dash,
        hooks=[wiring.feeds(source, x=x, y=y), themed(token)],
    )


def bars(
    wiring: Wiring, source: str, left: str, right: str, top: str, token: str, alpha: float = 0.75
) -> hv.Rectangles:
    """Bars from 0 up between two columns."""
    return styled(
        hv.Rectangles((_NONE, _NONE, _NONE, _NONE)),
        fill_color=_LIGHT[token],
        fill_alpha=alpha,
        line_color=None,
        hooks=[wiring.feeds(source, left=left, right=right, bottom=0, top=top), themed(fill_color=token)],
    )


def staircase(wiring: Wiring, source: str, left: str, top: str, token: str, dash: str = "solid") -> hv.Curve:
    """The outline of a histogram: each height from its bin's left end on."""

    def stepped(plot: Any, element: Any) -> None:
        glyph = Step(x=left, y=top, mode="after", line_color=_LIGHT[token], line_width=2.0, line_dash=dash)
        plot.handles["glyph_renderer"].glyph = glyph
        tag_theme(glyph, token)

    return styled(hv.Curve((_NONE, _NONE)), hooks=[wiring.feeds(source), stepped])


def stems(wiring: Wiring, source: str, x: str, top: str, token: str, width: float = 1.4, dash: str = "4 3") -> Any:
    """Upright lines from 0 to a column."""
    return segments(wiring, source, (x, 0, x, top), token, width, dash)


def segments(
    wiring: Wiring,
    source: str,
    ends: tuple[Any, Any, Any, Any],
    token: str,
    width: float = 1.4,
    dash: str = "solid",
    *hooks: Hook,
) -> hv.Segments:
    """Lines from (x0, y0) to (x1, y1): columns, or numbers."""
    return styled(
        hv.Segments((_NONE, _NONE, _NONE, _NONE)),
        color=_LIGHT[token],
        line_width=width,
        line_dash=dash,
        hooks=[wiring.feeds(source, **dict(zip(("x0", "y0", "x1", "y1"), ends, strict=True))), themed(token), *hooks],
    )


def area(wiring: Wiring, source: str, x: str, top: str, token: str, alpha: float, *hooks: Hook) -> hv.Area:
    """What lies between 0 and a column."""

    def between(plot: Any, element: Any) -> None:
        glyph = VArea(x=x, y1=0, y2=top, fill_color=_LIGHT[token], fill_alpha=alpha)
        plot.handles["glyph_renderer"].glyph = glyph
        tag_theme(glyph, fill_color=token)

    return styled(hv.Area((_NONE, _NONE)), hooks=[wiring.feeds(source), between, *hooks])


def on_range(wiring: Wiring, name: str) -> Hook:
    """A hook: the element's heights are those of another range of the figure, by the name of the declared axis."""

    def hook(plot: Any, element: Any) -> None:
        if name not in plot.state.extra_y_ranges:
            plot.state.extra_y_ranges = {**plot.state.extra_y_ranges, name: wiring.range(name)}
        plot.handles["glyph_renderer"].y_range_name = name

    return hook


def ring(wiring: Wiring, source: str, x: str, y: str, token: str, size: float = 11) -> hv.Points:
    """Empty circles around points."""
    return styled(
        hv.Points((_NONE, _NONE)),
        fill_color=None,
        marker="circle",
        size=size,
        line_color=_LIGHT[token],
        line_width=2,
        hooks=[wiring.feeds(source, x=x, y=y), themed(line_color=token)],
    )


def dots(wiring: Wiring, source: str, x: str, y: str, token: str, marker: str = "circle", size: float = 7) -> hv.Points:
    """Dots with a thin light outline, as on the stage."""
    return styled(
        hv.Points((_NONE, _NONE)),
        color=_LIGHT[token],
        marker=marker,
        size=size,
        line_color=palette.OUTLINE,
        line_width=0.6,
        hooks=[wiring.feeds(source, x=x, y=y), themed(fill_color=token, line_color="outline")],
    )


def upright(x: float) -> hv.VLine:
    """A line across the figure that stays where it is."""
    return styled(
        hv.VLine(x),
        color=_LIGHT["mark"],
        line_width=1.4,
        line_dash="4 3",
        hooks=[lambda plot, _: tag_theme(plot.handles["glyph"], "mark")],
    )


def figure(
    wiring: Wiring, elements: Any, ranges: tuple[str, str], labels: tuple[str, str], *hooks: Any, **options: Any
) -> hv.Overlay:
    """The figure of some elements, over the named ranges and under the names of the axes."""
    return styled(
        hv.Overlay([elements]) if not isinstance(elements, hv.Overlay) else elements,
        xlabel=labels[0],
        ylabel=labels[1],
        **{
            "xticks": BasicTicker(desired_num_ticks=5),
            "yticks": BasicTicker(desired_num_ticks=4),
            "xformatter": number(),
            "yformatter": number(),
            "show_grid": True,
            **options,
        },
        **FIGURE,
        min_height=60,
        hooks=[wiring.on(*ranges), _margins, *hooks],
    )


def plane(
    wiring: Wiring, elements: Any, name: str, *hooks: Any, labels: tuple[str, str] = ("x₁", "x₂"), grid: bool = False
) -> hv.Overlay:
    """A square figure, of data space if nobody says, over the ranges NAME-x and NAME-y, on the ground of the stage."""

    def square(plot: Any, element: Any) -> None:
        plot.state.update(background_fill_color=_LIGHT["sheet"], stylesheets=[LARGEST])
        plot.state.update(min_border_left=46, min_border_right=10, min_border_top=10, min_border_bottom=46)
        tag_theme(plot.state, background_fill_color="sheet")

    return figure(wiring, elements, (f"{name}-x", f"{name}-y"), labels, square, *hooks, show_grid=grid)


# The largest square that the box has room for (the box is a size container, page/study.css).
_SIDE = "min(100cqw, 100cqh) !important"
LARGEST = f":host {{ width: {_SIDE}; height: {_SIDE}; flex: none !important; margin: auto !important; }}"


def _margins(plot: Any, element: Any) -> None:
    plot.state.update(**MARGINS)
    for axis in plot.state.axis:
        axis.update(axis_label_text_font_size=f"{palette.SMALL}px", axis_label_standoff=2)
