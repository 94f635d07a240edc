"""The Bokeh figures of one page: HoloViews builds them once in a process, every page gets a copy.

Building all of them takes HoloViews about half a second, during which the server answers nobody; a copy of the finished
models takes a few hundredths. The copies of one page share their sources and ranges, as the originals do.
"""

from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

import holoviews as hv
from bokeh.core.serialization import Deserializer, Serializer
from bokeh.document import Document
from bokeh.models import AllIndices, Axis, GlyphRenderer, NoOverlap, Plot, Toolbar

from gandyn.ui.page import palette
from gandyn.ui.studies import STUDIES
from gandyn.ui.views import VIEWS, Source
from gandyn.ui.views.copying import copies_of
from gandyn.ui.views.sources import sources
from gandyn.ui.views.ticks import EVERY_LABEL
from gandyn.ui.views.wiring import Wiring


@cache
def _originals(theme: str) -> dict[str, Plot]:
    """The figures of all views under that theme, to be copied."""
    return _built(Wiring(sources()), {name: view.plot for name, view in VIEWS.items()}, theme)


@cache
def _original_study(name: str, theme: str) -> dict[str, Plot]:
    """The figure of a view of choice under that theme, to be copied."""
    study = STUDIES[name]
    own = {one: Source(one, columns, image=study.images.get(one)) for one, columns in study.sources.items()}
    return _built(Wiring(own), {name: study.plot}, theme)


def _built(wiring: Wiring, plots: Mapping[str, Callable[[Wiring], hv.Overlay]], theme: str) -> dict[str, Plot]:
    if "bokeh" not in hv.Store.loaded_backends():
        hv.extension("bokeh")
    renderer = hv.renderer("bokeh").instance(webgl=False)  # without a GPU, WebGL paints at a quarter of the speed
    bokeh_theme = palette.theme(theme)
    policy, everything = NoOverlap(min_distance=8), AllIndices()
    figures = {}
    for name, draw in plots.items():
        plot = renderer.get_plot(draw(wiring))
        plot.document = Document()  # HoloViews ties it to the session that happens to come first: untie it
        figure = plot.state
        figure.name = f"view-{name}"  # the plain name is the source's
        _apply_theme(figure, bokeh_theme, theme)
        _lighten(figure, policy, everything)
        figures[name] = figure
    # without what HoloViews has hung on them
    return Deserializer().decode(Serializer(references=set()).encode(figures))


def _apply_theme(figure: Plot, bokeh_theme: Any, theme: str) -> None:
    for model in figure.references():
        bokeh_theme.apply_to_model(model)
        for tag in model.tags:
            if isinstance(tag, str) and tag.startswith("theme-"):
                *names, token = tag.removeprefix("theme-").split("=")
                for name in names or ("line_color", "fill_color", "text_color"):
                    if name in model.properties() and getattr(model, name) is not None:
                        setattr(model, name, palette.TOKENS[theme][token])
            if isinstance(tag, str) and tag.startswith("palette-"):
                model.update(palette=palette.PALETTES[tag.removeprefix("palette-")][theme])


def _lighten(figure: Plot, policy: NoOverlap, everything: AllIndices) -> None:
    """Without what nobody sees, and with one of what has no state: making models is what a page costs the server."""
    figure.update(title=None, toolbar=Toolbar())
    for axis in figure.select({"type": Axis}):
        # Bokeh paints overlays on a canvas of their own: the text of the axes is not painted anew with each frame.
        axis.update(level="overlay")
        if EVERY_LABEL not in axis.tags:
            axis.update(major_label_policy=policy)
    for renderer in figure.references():
        if isinstance(renderer, GlyphRenderer):
            renderer.view.filter = everything


def figures(theme: str = "light", *only: str) -> dict[str, Plot]:
    """New figures by the names of their views, for one document; `only` those, each with all that it draws from."""
    originals = _originals(theme)
    return copies_of({name: originals[name] for name in only} if only else originals)


def study_figure(name: str, theme: str = "light") -> Plot:
    """A new figure of a view of choice, for one document."""
    return copies_of(_original_study(name, theme))[name]
