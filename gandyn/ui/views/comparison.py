"""What a comparison draws: of every further run a figure of its own where a view stands apart, elsewhere its curves
among those of the first.

The models of the first run have the names of the contract; those of the second end with `@2`, and so on.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from bokeh.models import CDSView, ColumnDataSource, Dodge, GlyphRenderer, Plot

from gandyn.live.curves import AHEAD
from gandyn.ui.page import palette
from gandyn.ui.views import Compared, View
from gandyn.ui.views.figures import figures
from gandyn.ui.views.series import tag_theme

MOST = 4  # runs side by side
WIDE = 0.8  # of the distance of two places: what the bars of all runs take
LOOKS = ("line_color", "line_dash", "line_width", "fill_color", "x", "width", "tags")  # that one run alone has its own
DASHES = ("solid", "8 3", "2 3", "9 3 2 3")  # of the curves of each


def named(name: str, place: int) -> str:
    """The name of a model of the run at this place: `generated`, `generated@2`."""
    return name if place == 0 else f"{name}@{place + 1}"


def figure_of(view: str, place: int, theme: str = "light") -> Plot:
    """A figure of a view that stands apart, for the run at this place."""
    return placed(figures(theme, view)[view], place)


def placed(figure: Plot, place: int) -> Plot:
    """The figure, its models named as those of the run at this place."""
    for model in figure.references():
        if model.name:
            model.name = named(model.name, place)
    return figure


def _dress(renderer: GlyphRenderer, one: Compared, place: int, count: int) -> None:
    """In the colour of the run; a curve in its dash, bars at their place among those of so many runs."""
    token = f"run{place + 1}"
    colour = palette.TOKENS["light"][token]
    if one.bars:
        width = WIDE / count
        x = {"field": one.along, "transform": Dodge(value=(place - (count - 1) / 2) * width)}
        renderer.glyph.update(x=x, width=width, fill_color=colour)
    else:
        renderer.glyph.update(line_color=colour, line_dash=DASHES[place], line_width=one.width)
    tag_theme(renderer.glyph, token)


class CurvesOfRuns:
    """The curves of one figure, of one run or of several."""

    def __init__(self, view: View, figure: Plot) -> None:
        self._figure = figure
        names = {name for source in view.sources for name in (source.name, source.name + AHEAD)}
        everything = [one for one in figure.renderers if isinstance(one, GlyphRenderer)]
        own = [one for one in everything if one.data_source.name in names]
        ahead = [one._replace(source=one.source + AHEAD) for one in view.compared if view.series]
        self._first = {one: _drawing(own, one) for one in (*ahead, *view.compared)}
        self._alone = [one for one in own if one not in self._first.values()]  # not drawn of several
        self._dressed: dict[Compared, dict[str, object]] = {}  # what the first run's looks are when it is alone
        self._more: list[dict[Compared, GlyphRenderer]] = []  # those of the second run, the third, ...

    def show(self, count: int, sources: dict[str, ColumnDataSource]) -> None:
        """Draw the curves of `count` runs; new sources are added to `sources`, by name."""
        if not self._first:
            return
        while len(self._more) < count - 1:
            self._add(len(self._more) + 1, sources)
        for renderer in self._alone:
            renderer.visible = count == 1
        for one, renderer in self._first.items():
            if count == 1 and one in self._dressed:
                renderer.glyph.update(**self._dressed.pop(one))
            elif count > 1:
                properties = [name for name in LOOKS if hasattr(renderer.glyph, name)]
                self._dressed.setdefault(one, {name: getattr(renderer.glyph, name) for name in properties})
                _dress(renderer, one, 0, count)
        for place, renderers in enumerate(self._more, 1):
            for one, renderer in renderers.items():
                renderer.visible = place < count
                if renderer.visible:
                    _dress(renderer, one, place, count)

    def _add(self, place: int, sources: dict[str, ColumnDataSource]) -> None:
        added = {}
        for one, first in self._first.items():
            name = named(one.source, place)
            if name not in sources:
                empty: dict[str, Any] = {column: np.zeros(0, "f4") for column in _columns(first)}
                sources[name] = ColumnDataSource(empty, name=name)
            added[one] = GlyphRenderer(
                data_source=sources[name],
                glyph=first.glyph.clone(),
                view=CDSView(filter=first.view.filter),
                y_range_name=first.y_range_name,
                level=first.level,
                selection_glyph=None,
                nonselection_glyph=None,
                hover_glyph=None,
                muted_glyph=None,
            )
        self._more.append(added)
        self._figure.renderers = [*self._figure.renderers, *added.values()]


def _drawing(renderers: list[GlyphRenderer], one: Compared) -> GlyphRenderer:
    for renderer in renderers:
        drawn = getattr(renderer.glyph, "top" if one.bars else "y", None)
        if renderer.data_source.name == one.source and getattr(drawn, "field", drawn) == one.column:
            return renderer
    raise ValueError(f"no curve of {one.source!r}, {one.column!r}, is drawn that could be compared")


def _columns(renderer: GlyphRenderer) -> list[str]:
    source = renderer.data_source
    assert isinstance(source, ColumnDataSource)
    return source.column_names


def has_comparison(view: View) -> bool:
    """Whether the view shows something of several runs."""
    return view.apart or bool(view.compared)
