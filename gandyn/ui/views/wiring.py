"""From HoloViews' figures to the page's contract: one named source for all glyphs that draw from it, named ranges.

HoloViews gives every element a source of its own, with columns named after dimensions. The feed writes to sources and
columns by the names below, so the hooks here put the shared source in the place of HoloViews' own.
"""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from bokeh.models import ColumnDataSource, GlyphRenderer, Range1d

from gandyn.core.registry import unknown
from gandyn.ui.views import Source

#: ranges before the first frame, as it will have them
BEGIN = {"step": (0, 200), "x": (-3, 3), "y": (-3, 3), "modes": (0, 8), "losses": (-2, 2), "gap": (-0.1, 2)}
HEADROOM = 0.06  # of an axis that ends where a curve can be: there is so much more of it, or the line is cut off
# What every figure has: no tools, no legend of its own, and the size of its box.
FIGURE = {"show_legend": False, "toolbar": None, "default_tools": [], "responsive": True}

Hook = Callable[[Any, Any], None]


def _empty(source: Source) -> dict[str, Any]:
    if source.image:  # one transparent image, because the page makes the next from the class of this one
        return {
            name: [np.full((2, 2), np.nan, "f4")] if name == source.image else np.zeros(1, "f4")
            for name in source.columns
        }
    return {name: [] if name in source.text else np.zeros(0, "f4") for name in source.columns}


class Wiring:
    """The sources and ranges that the figures of one page share."""

    def __init__(self, sources: Mapping[str, Source]) -> None:
        self.sources = {name: ColumnDataSource(_empty(source), name=name) for name, source in sources.items()}
        self.ranges: dict[str, Range1d] = {}

    def range(
        self, name: str, start: float | None = None, end: float | None = None, headroom: float | None = None
    ) -> Range1d:
        """The range that the feed knows as `axis-NAME`; its ends are given so much headroom, a share of it."""
        low, high = BEGIN.get(name, (0, 1))
        low, high = low if start is None else start, high if end is None else end
        span = Range1d(start=low, end=high, name=f"axis-{name}")
        span = self.ranges.setdefault(name, span)
        if headroom is not None:
            span.tags = [f"headroom-{headroom}"]
        return span

    def feeds(self, source: str, layer: str | None = None, **glyph: Any) -> Hook:
        """A hook: the element draws the named source. `glyph` maps the glyph's properties to columns or values."""

        if source not in self.sources:
            raise unknown("source of a view", source, list(self.sources))

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
