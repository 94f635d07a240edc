"""Views: windows onto a run, one a file. HoloViews builds each once; from then on the page feeds it (feed.js)."""

from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple

from gandyn.core.registry import Registry

if TYPE_CHECKING:
    import holoviews as hv

    from gandyn.core.experiment import Experiment
    from gandyn.ui.views.wiring import Wiring


class LegendEntry(NamedTuple):
    """One entry of a view's legend: its label, the token of its colour, how it is drawn."""

    label: str
    token: str
    shape: str = "solid"  # solid, dashed, bold, bar, band


class View(NamedTuple):
    """One window: what it draws, its key, and for which experiments it has something to show."""

    name: str
    summary: str  # one line, for menus and screen readers
    plot: Callable[["Wiring"], "hv.Dimensioned"]
    key: tuple[LegendEntry, ...] = ()
    series: bool = False  # drawn along the shared axis of steps
    shows: Callable[["Experiment"], bool] = lambda experiment: True
    many: bool | None = None  # whether it is for many GANs at once, or for one; None: for both

    def fits(self, experiment: "Experiment", lanes: int) -> bool:
        """Whether it has something to show."""
        return self.shows(experiment) and self.many in (None, lanes > 1)


def has_modes(experiment: "Experiment") -> bool:
    return experiment.target.mixture() is not None


VIEWS: Registry[View] = Registry("view", __name__)
