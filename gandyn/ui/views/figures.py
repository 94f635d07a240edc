"""The Bokeh figures of one page: HoloViews builds them once in a process, every page gets a copy.

Building all of them takes HoloViews about half a second, during which the server answers nobody; a copy of the finished
models takes a few hundredths. The copies of one page share their sources and ranges, as the originals do.
"""

import threading
import time
from collections import deque
from functools import cache
from typing import Any

import holoviews as hv
from bokeh.core.serialization import Deserializer, Serializer
from bokeh.document import Document
from bokeh.models import AllIndices, Axis, GlyphRenderer, NoOverlap, Plot, Toolbar
from bokeh.util.serialization import make_id

from gandyn.ui.page import palette
from gandyn.ui.views import VIEWS
from gandyn.ui.views.sources import sources
from gandyn.ui.views.wiring import Wiring

PAUSE, QUIET = 0.05, 5.0  # seconds between two copies, and after a page was opened: others may follow
_building = threading.Lock()  # HoloViews builds the first figures of a process: one thread does


@cache
def _originals(theme: str) -> Any:
    """All figures under that theme, as plain data."""
    if "bokeh" not in hv.Store.loaded_backends():
        hv.extension("bokeh")
    renderer = hv.renderer("bokeh").instance(webgl=False)  # without a GPU, WebGL paints at a quarter of the speed
    wiring, bokeh_theme = Wiring(sources()), palette.theme(theme)
    policy, everything = NoOverlap(min_distance=8), AllIndices()
    figures = {}
    for name, view in VIEWS.items():
        plot = renderer.get_plot(view.plot(wiring))
        plot.document = Document()  # HoloViews ties it to the session that happens to come first: untie it
        figure = plot.state
        figure.name = f"view-{name}"  # the plain name is the source's
        _apply_theme(figure, bokeh_theme, theme)
        _lighten(figure, policy, everything)
        figures[name] = figure
    return Serializer(references=set()).encode(figures)


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
        axis.update(major_label_policy=policy, level="overlay")
    for renderer in figure.references():
        if isinstance(renderer, GlyphRenderer):
            renderer.view.filter = everything


def _with_new_ids(data: Any, ids: dict[str, str]) -> Any:
    """The same data for other models: documents must not share any."""
    if isinstance(data, dict):
        fresh = {key: _with_new_ids(value, ids) for key, value in data.items()}
        if "id" in data:
            if data["id"] not in ids:
                ids[data["id"]] = make_id()
            fresh["id"] = ids[data["id"]]
        return fresh
    return [_with_new_ids(value, ids) for value in data] if isinstance(data, list | tuple) else data


def copied(theme: str = "light") -> dict[str, Plot]:
    """All figures anew by the names of their views, for one document."""
    with _building:
        originals = _originals(theme)
    return Deserializer().decode(_with_new_ids(originals, {}))


def figures(theme: str = "light", *only: str) -> dict[str, Plot]:
    """New figures by the names of their views, for one document; `only` those, each with all that it draws from."""
    copies = SPARES.take() if theme == "light" and not only else copied(theme)
    return {name: copies[name] for name in only} if only else copies


class Spares:
    """Figures for pages that will be opened, copied by a thread of its own while the server has time.

    A copy is half of what a page costs the event loop; when a class opens its pages together they are there.
    """

    def __init__(self, count: int) -> None:
        self._count = count
        self._ready: deque[dict[str, Plot]] = deque()
        self._taken = threading.Event()
        self._thread: threading.Thread | None = None

    def begin(self) -> None:
        """Have them from now on."""
        if self._thread is None:
            self._thread = threading.Thread(target=self._fill, name="gandyn-figures", daemon=True)
            self._thread.start()

    def take(self) -> dict[str, Plot]:
        """One of them, or where none is left a copy made now."""
        try:
            return self._ready.popleft()
        except IndexError:
            return copied()
        finally:
            self._taken.set()

    def _fill(self) -> None:
        while True:
            self._taken.clear()
            while len(self._ready) < self._count:
                self._ready.append(copied())
                time.sleep(PAUSE)
            self._taken.wait()
            time.sleep(QUIET)


SPARES = Spares(32)
