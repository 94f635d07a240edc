"""What a run says while it goes on: a bar on a terminal, plain lines elsewhere, and the table of its source."""

from __future__ import annotations

import errno
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Self, TextIO

from tqdm import tqdm

from gandyn.cli.streams import is_gone, silence
from gandyn.records.log import Row
from gandyn.records.plan import Plan
from gandyn.records.tables import head, line

SILENCE = 30.0  # seconds after which a plain line is due
LINES = 20  # plain lines in a run, if it is faster than that
LOSSES = {"critic_loss": "D", "generator_loss": "G"}


class Steps:
    """How many of all steps are made, as a bar or as plain lines; a context, so that the bar is closed in time."""

    def __init__(self, *, quiet: bool) -> None:
        self._quiet = quiet
        self._bar: tqdm[Any] | None = None
        self.is_unread = False  # a closed pipe: whoever read what is said has ended, so the work may, too

    def begin(self, steps: int, first: int = 0, **bar: Any) -> None:
        """From now on: `first` of the steps are made already; `bar`: what tqdm takes besides."""
        if sys.stderr.isatty() and not self._quiet:
            self._bar = tqdm(total=steps, initial=first, unit="step", dynamic_ncols=True, **bar)
        self._steps, self._line = steps, (time.monotonic(), first)  # when the last plain line was, and at which step

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        if self._bar is not None:
            with self._noticing():
                self._bar.close()
            self._bar = None

    @contextmanager
    def _noticing(self) -> Iterator[None]:
        """Where nobody takes what is printed any more, nothing is from now on.

        A terminal that was closed sends SIGHUP, which stops the work where it may.
        """
        try:
            yield
        except OSError as error:
            if not is_gone(error):
                raise
            silence()
            self._quiet, self.is_unread = True, error.errno == errno.EPIPE

    def say(self, text: str, paper: TextIO | None = None) -> None:
        """A line, on stderr if not elsewhere; above the bar, if there is one."""
        if self._quiet:
            return
        with self._noticing():
            if self._bar is None:
                print(text, file=paper or sys.stderr, flush=True)
            else:
                self._bar.write(text, file=paper or sys.stderr)

    def _line_is_due(self, step: int) -> bool:
        """Moves the bar to this step; whether there is none, so that a plain line is due."""
        if self._bar is not None:
            with self._noticing():
                self._bar.update(step - self._bar.n)
            return False
        when, last = self._line
        due = time.monotonic() - when > SILENCE or step - last >= self._steps / LINES
        if due:
            self._line = (time.monotonic(), step)
        return due


class Progress(Steps):
    """Prints the rows of a run's metrics as they come."""

    def __init__(self, *, plan: Plan, quiet: bool, paper: TextIO) -> None:
        """`plan`: when rows of its table are due, which go to `paper`; all else goes to stderr."""
        super().__init__(quiet=quiet)
        self._plan, self._paper, self._headed = plan, paper, False
        self._start: tuple[float, int] | None = None

    def __call__(self, rows: list[Row]) -> None:
        """The next rows, in order."""
        if self._quiet:
            return
        for row in rows:
            if self._plan.has_row(row["step"]):
                self._print(row)
        last = rows[-1]
        self._start = self._start or (time.monotonic(), last["step"])
        if self._bar is not None:
            self._bar.set_postfix_str(_losses(last), refresh=False)
        if self._line_is_due(last["step"]):
            self.say(f"step {last['step']:,} of {self._steps:,}  {_losses(last)}{self._pace(last)}")

    def _pace(self, last: Row) -> str:
        assert self._start is not None
        seconds, steps = time.monotonic() - self._start[0], last["step"] - self._start[1]
        if seconds <= 0 or steps <= 0:
            return ""
        left = (self._steps - last["step"]) * seconds / steps
        return f"  {steps / seconds:,.1f} steps/s  {duration(left)} left"

    def _print(self, row: Row) -> None:
        columns = self._plan.columns
        text = line({**row, "step": self._plan.row(row["step"])}, columns, self._steps)
        if not self._headed:
            self._headed, text = True, f"{head(columns)}\n{text}"
        self.say(text, self._paper)


def _losses(row: Row) -> str:
    """The losses, and the gap f - f_k where there is a look-ahead: with k = 0 f_k is f itself."""
    looks_ahead = row["f_k"] != row["f"]
    values = ((short, row[name]) for name, short in (LOSSES | {"gap": "gap"} if looks_ahead else LOSSES).items())
    return "  ".join(f"{short} -" if value is None else f"{short} {value:.3g}" for short, value in values)


def duration(seconds: float) -> str:
    """3 h 20 min, 12 min, 45 s."""
    if seconds < 90:
        return f"{seconds:.0f} s"
    hours, minutes = divmod(round(seconds / 60), 60)
    return f"{hours} h {minutes} min" if hours else f"{minutes} min"


class Tally(Steps):
    """What a sweep says while it goes on: how many GANs of how many are done, and how much time is left."""

    def __init__(self, gans: int, done: int, steps: int, *, quiet: bool) -> None:
        """`steps`: those still to be made by all GANs together; `done`: GANs whose rows are there already."""
        super().__init__(quiet=quiet)
        self._gans, self._done, self._errors, self._walked = gans, done, 0, 0
        self._start: tuple[float, int] | None = None  # when the first steps were made, and how many: then it has begun
        self.begin(steps, unit_scale=True)

    def advance(self, steps: int) -> None:
        """So many steps more were made, of all GANs together; fewer, where a worker was lost with its own.

        The last of all are counted with the rows, in `add`.
        """
        self._walked += steps
        walked = min(self._walked, self._steps)
        self._start = self._start or (time.monotonic(), walked)
        if walked < self._steps and self._line_is_due(walked):
            self.say(f"{walked / self._steps:4.0%} of the steps, {self._counts()}{self._left(walked)}")

    def _left(self, walked: int) -> str:
        assert self._start is not None
        seconds, steps = time.monotonic() - self._start[0], walked - self._start[1]
        return f"  {duration((self._steps - walked) * seconds / steps)} left" if steps > 0 else ""

    def add(self, rows: Sequence[Row]) -> None:
        """These rows are on the disk."""
        self._done += len(rows)
        self._errors += sum(row["error"] is not None for row in rows)
        if self._bar is not None:
            with self._noticing():
                self._bar.set_postfix_str(self._counts(), refresh=False)
                self._bar.update((self._steps if self._done == self._gans else self._walked) - self._bar.n)
                self._bar.refresh()
        elif self._done == self._gans:
            self.say(f"100% of the steps, {self._counts()}")

    def _counts(self) -> str:
        errors = f", {self._errors:,} with an error" if self._errors else ""
        return f"{self._done:,} of {self._gans:,} GANs{errors}"
