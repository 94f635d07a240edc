"""What a run says while it goes on: a bar on a terminal, plain lines elsewhere, and the table of its source."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterable, Sequence
from typing import Self, TextIO

from tqdm import tqdm

from gandyn.records.log import Row
from gandyn.records.plan import Plan
from gandyn.records.tables import head, line

SILENCE = 30.0  # seconds after which a plain line is due
LINES = 20  # plain lines in a run, if it is faster than that

SHOWN = {"critic_loss": "D", "generator_loss": "G", "gap": "gap"}


class Progress:
    """Prints the rows of metrics as they come; a context, so that the bar is closed before anything else is printed."""

    def __init__(self, steps: int, first: int, *, plan: Plan, quiet: bool, paper: TextIO) -> None:
        """`plan`: when rows of its table are due, which go to `paper`; all else goes to stderr."""
        self._steps, self._plan = steps, plan
        self._paper, self._quiet, self._headed = paper, quiet, False
        terminal = sys.stderr.isatty() and not quiet
        self._bar = tqdm(total=steps, initial=first, unit="step", dynamic_ncols=True) if terminal else None
        self._line = (time.monotonic(), first)  # when the last plain line was, and at which step
        self._start: tuple[float, int] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        if self._bar is not None:
            self._bar.close()

    def __call__(self, rows: list[Row]) -> None:
        """The next rows, in order."""
        if self._quiet:
            return
        self._print([row for row in rows if self._plan.has_row(row["step"])])
        last = rows[-1]
        if self._bar is not None:
            self._bar.set_postfix_str(_losses(last), refresh=False)
            self._bar.update(last["step"] - self._bar.n)
            return
        self._start = self._start or (time.monotonic(), last["step"])
        when, step = self._line
        if time.monotonic() - when > SILENCE or last["step"] - step >= self._steps / LINES:
            self._line = (time.monotonic(), last["step"])
            print(f"step {last['step']:,} of {self._steps:,}  {_losses(last)}{self._pace(last)}", file=sys.stderr)

    def _pace(self, last: Row) -> str:
        assert self._start is not None
        seconds, steps = time.monotonic() - self._start[0], last["step"] - self._start[1]
        if seconds <= 0 or steps <= 0:
            return ""
        left = (self._steps - last["step"]) * seconds / steps
        return f"  {steps / seconds:,.1f} steps/s  {duration(left)} left"

    def _print(self, rows: Iterable[Row]) -> None:
        for row in rows:
            columns, number = self._plan.columns, self._plan.row(row["step"])
            text = line({**row, "step": number}, columns, self._steps)
            if not self._headed:
                self._headed, text = True, f"{head(columns)}\n{text}"
            if self._bar is not None:
                self._bar.write(text, file=self._paper)
            else:
                print(text, file=self._paper, flush=True)


def _losses(row: Row) -> str:
    said = ((short, row[name]) for name, short in SHOWN.items())
    return "  ".join(f"{short} -" if value is None else f"{short} {value:.3g}" for short, value in said)


def duration(seconds: float) -> str:
    """3 h 20 min, 12 min, 45 s."""
    if seconds < 90:
        return f"{seconds:.0f} s"
    hours, minutes = divmod(round(seconds / 60), 60)
    return f"{hours} h {minutes} min" if hours else f"{minutes} min"


class Tally:
    """What a sweep says while it goes on: how many GANs of how many are done, and how much time is left."""

    def __init__(self, gans: int, done: int, steps: int, *, quiet: bool) -> None:
        """`steps`: those still to be made by all GANs together; `done`: GANs whose rows are there already."""
        self._gans, self._done, self._errors = gans, done, 0
        self._steps, self._walked, self._quiet = steps, 0, quiet
        terminal = sys.stderr.isatty() and not quiet
        self._bar = tqdm(total=steps, unit="step", unit_scale=True, dynamic_ncols=True) if terminal else None
        self._start = time.monotonic()
        self._line = (self._start, 0)  # when the last plain line was, and after how many steps

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        if self._bar is not None:
            self._bar.close()

    def advance(self, steps: int) -> None:
        """So many steps more were made, of all GANs together."""
        self._walked = min(self._walked + steps, self._steps)
        if self._bar is not None:
            self._bar.update(self._walked - self._bar.n)
            return
        when, walked = self._line
        if time.monotonic() - when > SILENCE or self._walked - walked >= self._steps / LINES:
            self._say()

    def add(self, rows: Sequence[Row]) -> None:
        """These rows are on the disk."""
        self._done += len(rows)
        self._errors += sum(row["error"] is not None for row in rows)
        if self._bar is not None:
            self._bar.set_postfix_str(self._counts())

    def _counts(self) -> str:
        errors = f", {self._errors:,} with an error" if self._errors else ""
        return f"{self._done:,} of {self._gans:,} GANs{errors}"

    def _say(self) -> None:
        self._line = now, walked = time.monotonic(), self._walked
        if not self._quiet:
            left = duration((self._steps - walked) * (now - self._start) / walked)
            print(f"{walked / self._steps:4.0%} of the steps, {self._counts()}  {left} left", file=sys.stderr)
