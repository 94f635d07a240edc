"""What is asked of a broadcast: by whoever looks at it, and by whoever moves it."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple, Protocol

from gandyn.core.experiment import Experiment
from gandyn.live.run import Run
from gandyn.timeline.line import Line


class Frame(Protocol):
    """What a viewer is sent; made once for all of them."""

    id: int


class Viewer(Protocol):
    """Somebody who looks at a run."""

    def layers(self) -> frozenset[str]:
        """The visible layers."""
        ...

    def present(self) -> bool:
        """Whether the connection lives."""
        ...


class Look:
    """A step that is looked for."""

    def __init__(self, step: int, line: Line | None) -> None:
        self.step = step
        self.line = line  # of the first run, another one than that on which it stands
        self.wanted: dict[Run, Experiment] = {}  # from there on, where something was changed on the way

    def line_of(self, run: Run) -> Line:
        """The line of this run on which the step is."""
        return self.line if self.line is not None and self.line in run.timeline.lines else run.timeline.line

    def experiment(self, run: Run) -> Experiment:
        """What this run goes on under from there."""
        return self.wanted.get(run) or self.line_of(run).at(self.step)


class Command(NamedTuple):
    """Something that moves the runs, or starts them anew."""

    carry_out: Callable[[], object]
    after: Look | None  # the step that was looked for when it was asked for: it is carried out there
    steps: int | None = None  # of a command that takes a step: the stamp of the runs that it is for
