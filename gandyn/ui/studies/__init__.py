"""Views of choice: figures that a person puts beside the stage, one a file, each of a probe that takes its time.

Each declares here what the page shows of the probe of its name. The probe is computed while somebody has chosen the
view, beside the training (gandyn/live/studies.py); its arrays reach the page under their own names.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, NamedTuple

from gandyn.core.registry import Registry
from gandyn.ui.views import LegendEntry

if TYPE_CHECKING:
    import holoviews as hv

    from gandyn.core.experiment import Experiment
    from gandyn.ui.views.wiring import Wiring

MOST = 2  # shown at a time beside the stage


class Axis(NamedTuple):
    """A range of a view, by the name that `Wiring.range` gives it: from the least to the largest value of its columns.

    `low` and `high` are ends that stay where they are. It grows at once, and shrinks only when most of it is empty.
    """

    name: str
    columns: tuple[str, ...] = ()
    low: float | None = None
    high: float | None = None
    symmetric: bool = False  # around 0
    window: bool = False  # instead: that of the stage


class Number(NamedTuple):
    """A number that the view says above its figure: a 0-d array of the probe, which may also be a text."""

    name: str
    label: str
    percent: bool = False


class Slide(NamedTuple):
    """A slider of a view, which moves columns to others in the page itself, nothing being asked of the server."""

    label: str
    ends: tuple[str, str]  # what its ends are
    begin: float  # where it stands at first, in [0, 1]
    home: int  # at which end the columns are as the probe gives them
    blend: Mapping[str, str]  # of a column the array of the probe that it is at the other end
    then: str = ""  # what follows, by its name in web/src/studies/slides.ts
    grip: tuple[tuple[str, ...], tuple[str, ...]] = (), ()  # columns that are dragged in the figure: along x, along y


class Choice(NamedTuple):
    """What a person may choose of a view: an option of its probe, as a text."""

    name: str
    label: str
    options: Mapping[str, str] = {}  # each with its label; none: it is typed
    value: str = ""  # what is chosen
    hint: str = ""  # of what is typed: what is taken where nothing is
    clears: tuple[str, ...] = ()  # others that are taken back when this one is another


class Study(NamedTuple):
    """A view of choice. Its name is that of its probe."""

    name: str
    title: str  # as it stands in the menu and above the figure
    reading: str  # how to read it, in two sentences
    cost: str  # what a computation takes, in words
    plot: Callable[[Wiring], hv.Overlay]
    sources: Mapping[str, tuple[str, ...]]  # what it draws from, named after it: arrays of the probe, by their names
    axes: tuple[Axis, ...]
    images: Mapping[str, str] = {}  # of a source, the column that holds an image
    numbers: tuple[Number, ...] = ()
    key: tuple[LegendEntry, ...] = ()
    square: bool = False  # both axes have one scale
    slide: Slide | None = None
    choices: Callable[[Experiment, Mapping[str, str]], tuple[Choice, ...]] = lambda experiment, chosen: ()
    unfit: Callable[[Experiment], str] = lambda experiment: ""  # why there is nothing to see of it; "": there is


STUDIES: Registry[Study] = Registry("view", __name__)
