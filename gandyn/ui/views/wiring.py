"""From HoloViews' figures to the page's contract: one named source for all glyphs that draw from it, named ranges.

HoloViews gives every element a source of its own, with columns named after dimensions. The feed writes to sources and
columns by the names below, so the hooks here put the shared source in the place of HoloViews' own.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
from bokeh.models import ColumnDataSource, GlyphRenderer, Range1d

# Source: its columns. A frame may leave a source out, never a part of its columns, except `shares.weight`.
SOURCES: dict[str, tuple[str, ...]] = {
    "real": ("x", "y"),
    "generated": ("x", "y"),
    "critic": ("image", "x", "y", "dw", "dh"),
    "contours": ("x", "y"),
    "midline": ("x", "y"),
    "arrows": ("x0", "y0", "x1", "y1"),
    "circles": ("x", "y", "radius", "covered"),
    "shares": ("mode", "share", "weight"),
    "losses": ("step", "critic", "generator"),
    "gap": ("step", "f", "f_k", "gap"),
    "modes": ("step", "covered", "hq"),
    "distance": ("step", "sw2", "floor"),
    **{f"bands_{name}": ("step", "p10", "p25", "p50", "p75", "p90") for name in ("covered", "hq", "sw2", "gap")},
    "marks": ("step",),  # live changes, a thin line each on every series view
    "mark_labels": ("step", "text", "align", "offset"),
}
HEADROOM = 1.06  # of the axes that end at the highest value a curve can have: it is not cut off there
_TEXT = {"text", "align"}
# What every figure has: no tools, no legend of its own, and the size of its box.
FIGURE = {"show_legend": False, "toolbar": None, "default_tools": [], "responsive": True}

Hook = Callable[[Any, Any], None]


def _empty(source: str, column: str) -> Any:
    if source == "critic":  # one transparent image, because the page makes the next from the class of this one
        return [np.full((2, 2), np.nan, "f4")] if column == "image" else np.zeros(1, "f4")
    return [] if column in _TEXT else np.zeros(0, "f4")


class Wiring:
    """The sources and ranges that the figures of one page share."""

    def __init__(self) -> None:
        self.sources = {
            name: ColumnDataSource({column: _empty(name, column) for column in columns}, name=name)
            for name, columns in SOURCES.items()
        }
        self.ranges: dict[str, Range1d] = {}

    def range(self, name: str, start: float = 0, end: float = 1) -> Range1d:
        """The range that the feed knows as `axis-NAME`."""
        return self.ranges.setdefault(name, Range1d(start, end, name=f"axis-{name}"))

    def feeds(self, source: str, layer: str | None = None, **glyph: Any) -> Hook:
        """A hook: the element draws the named source. `glyph` maps the glyph's properties to columns or values."""

        def hook(plot: Any, element: Any) -> None:
            renderer: GlyphRenderer = plot.handles["glyph_renderer"]
            # Only the plain glyph is ever seen: nothing is selected, muted or hovered over.
            renderer.update(
                data_source=self.sources[source], selection_glyph=None, nonselection_glyph=None, hover_glyph=None
            )
            renderer.muted_glyph = None
            renderer.glyph.update(**glyph)
            renderer.tags = [f"layer-{layer}"] if layer else []

        return hook

    def on(self, x: str, y: str) -> Hook:
        """A hook: the figure spans the named ranges, which are the same objects wherever the name is used."""

        def hook(plot: Any, element: Any) -> None:
            plot.state.update(x_range=self.range(x), y_range=self.range(y))

        return hook
