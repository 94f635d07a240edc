"""When a headless run writes what: the source's schedule, completed by our own for what it does not say."""

from __future__ import annotations

from typing import NamedTuple

from gandyn.core.experiment import Experiment
from gandyn.presets import kind

PICTURES, FRAMES = 10, 100  # in a run
SPARSER = 10  # times fewer are the steps at which all measures are taken
POINTS, IMAGES = 500, 1000  # steps between measures: not a share of the run, whose length may be changed on the way


class Plan(NamedTuple):
    """Steps between two of a kind; part of a run's configuration, so that it goes on as it began."""

    samples: int  # pictures of samples
    frames: int  # samples kept for the film
    measures: int  # how good the samples are
    sheet: tuple[int, int]  # rows and columns of a picture of images
    table: int  # rows of the table that the source prints; 0: it prints none
    columns: tuple[str, ...]
    # the source's number of the first update, 0 or 1, where it shows that one, too; None: multiples of our steps
    samples_from: int | None = None
    table_from: int | None = None

    def pictured(self, step: int) -> bool:
        """Whether a picture of samples is due after `step` updates."""
        return _due(step, self.samples, self.samples_from)

    def panel(self, step: int) -> int:
        """The source's number of the update `step`, the label of its picture."""
        return step if self.samples_from is None else step - 1 + self.samples_from

    def row(self, step: int) -> int:
        """The source's number of the update `step` in its table."""
        return step if self.table_from is None else step - 1 + self.table_from

    def kept(self, step: int) -> bool:
        """Whether samples are kept."""
        return step % self.frames == 0 or self.pictured(step)

    def measured(self, step: int) -> bool:
        """Whether the samples are measured."""
        return step % self.measures == 0

    def measured_fully(self, step: int) -> bool:
        """Whether they are also measured by all that there is."""
        return step % (self.measures * SPARSER) == 0

    def until(self, step: int) -> int:
        """How many steps it is from `step` to the next after which something is due."""
        source = ((self.samples, self.samples_from), (self.table, self.table_from))
        return min(_until(step, *when) for when in (*source, (self.frames, None), (self.measures, None)) if when[0])

    def has_row(self, step: int) -> bool:
        """Whether the source prints a row after `step` updates."""
        return self.table > 0 and _due(step, self.table, self.table_from)


def _due(step: int, every: int, counted_from: int | None) -> bool:
    """Whether something done at every `every`-th update of the source, and at its first one, is done after `step`."""
    if counted_from is None:
        return step % every == 0
    return step == 1 or (step > 0 and (step - 1 + counted_from) % every == 0)


def _until(step: int, every: int, counted_from: int | None) -> int:
    """How many steps it is from `step` to the next that is due."""
    if counted_from is None:
        return every - step % every
    return 1 if step == 0 else every - (step - 1 + counted_from) % every


def plan(experiment: Experiment) -> Plan:
    """What the experiment's source does, and for the rest so many of each in a run of its length."""
    steps, (samples, sheet, table, columns, counted_from) = experiment.steps, experiment.schedule

    def every(count: int) -> int:
        return max(1, steps // count)

    samples_from = counted_from if samples else None
    samples = samples or every(PICTURES)
    measures = IMAGES if kind(experiment) == "image" else POINTS
    return Plan(samples, every(FRAMES), measures, sheet, table, columns, samples_from, counted_from)
