"""Views: windows onto a run, one a file. HoloViews builds each once; from then on the page feeds it."""

from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple

from gandyn.core.registry import Registry
from gandyn.probes.reference import mixture_of

if TYPE_CHECKING:
    import holoviews as hv

    from gandyn.core.experiment import Experiment
    from gandyn.ui.views.wiring import Wiring


class LegendEntry(NamedTuple):
    """One entry of a view's legend: its label, the token of its colour, how it is drawn."""

    label: str
    token: str
    shape: str = "solid"  # solid, dashed, bold, bar, band, circle
    needs: str = ""  # of a view of choice: the number without which there is nothing of it


class Source(NamedTuple):
    """A Bokeh source that a view draws from, by its name in the page and in frames; views may share one.

    A frame may leave a source out, which empties it; a column that it lacks is NaN.
    """

    name: str
    columns: tuple[str, ...]
    brought_by: str = "series"  # "frame": every frame; "series": those with series, a few a second; "page": no frame
    image: str | None = None  # the column that holds an image
    text: tuple[str, ...] = ()  # the columns that hold text


class Layer(NamedTuple):
    """A part of a view that can be switched off, by the name that `Wiring.feeds` gives it."""

    name: str
    summary: str  # one line, for the tooltip
    icon: str  # `d` of an SVG path within 16 x 16
    filled: bool = False


class Compared(NamedTuple):
    """A curve that is drawn of every run of a comparison, in the run's colour and dash: its column, and its name."""

    source: str
    column: str
    label: str
    width: float = 2.2
    along: str = "step"  # the column of what it is drawn over
    bars: bool = False  # drawn as bars instead, those of all runs side by side


class View(NamedTuple):
    """One window: what it draws, from which sources, its key, and for which experiments it has something to show."""

    name: str
    summary: str  # one line, for menus and screen readers
    plot: Callable[["Wiring"], "hv.Overlay"]
    sources: tuple[Source, ...] = ()
    layers: tuple[Layer, ...] = ()
    key: tuple[LegendEntry, ...] = ()
    series: bool = False  # drawn along the shared axis of steps
    apart: bool = False  # in a comparison, whether every run has a figure of its own
    compared: tuple[Compared, ...] = ()  # what of several runs is drawn in one figure: nothing else is then
    shows: Callable[["Experiment"], bool] = lambda experiment: True
    many: bool | None = None  # whether it is for many GANs at once, or for one; None: for both
    reading: str = ""  # how to read it, in two sentences: docs/reading.md
    under: str | None = None  # the view in whose part of the page it stands, below it and with it

    @property
    def live(self) -> bool:
        """Whether it is painted with every frame; curves, whose latest reading each frame brings, are a few times a
        second.
        """
        return not self.series and any(source.brought_by == "frame" for source in self.sources)

    def fits(self, experiment: "Experiment", lanes: int) -> bool:
        """Whether it has something to show."""
        return self.shows(experiment) and self.many in (None, lanes > 1)


def has_modes(experiment: "Experiment") -> bool:
    return mixture_of(experiment.target) is not None


VIEWS: Registry[View] = Registry("view", __name__)


def layers() -> list[Layer]:
    """The layers of all views."""
    return [layer for view in VIEWS.values() for layer in view.layers]
