"""How each kind of file is made of runs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from gandyn.live.differences import differences
from gandyn.live.movie import movie
from gandyn.live.recording import copied, record
from gandyn.live.run import Run
from gandyn.live.series_table import Kept, kept, table
from gandyn.records import strict_json
from gandyn.records.config import to_config
from gandyn.records.figures import film
from gandyn.records.series_file import as_csv, as_parquet, check_parquet
from gandyn.ui.messages import ExportProgress
from gandyn.ui.share.report import check, described, report


class Cancelled(Exception):
    """The person does not want it any more."""


@dataclass
class Job:
    """A file that is asked for, of the runs of a page."""

    name: str
    runs: tuple[Run, ...]
    steered: int
    lane: int
    speed: float
    axis: str  # what the curves are drawn over
    cancelled: Callable[[], bool]
    send: Callable[[ExportProgress], None]
    done: int = 0
    of: int = 0

    def progress(self, done: int, of: int) -> None:
        """Say how far it is; raises Cancelled where it is not wanted any more."""
        self.done, self.of = done, of
        if self.cancelled():
            raise Cancelled
        self.send(ExportProgress(self.name, done, of))

    def labels(self) -> list[str]:
        """Of each run its letter and in what it differs, as the page has them."""
        words = differences([run.experiment for run in self.runs])
        return [f"{chr(ord('A') + i)}: {text}" if text else chr(ord("A") + i) for i, text in enumerate(words)]


Work = Callable[[], bytes]


class Kind(NamedTuple):
    """A kind of file: `prepare` takes what it needs of the runs, between two steps; what it returns does the work."""

    prepare: Callable[[Job], Work]
    check: Callable[[], object] = lambda: None  # ValueError with one line where it cannot be made here


def _series(write: Callable[[Job, list[Kept]], bytes]) -> Callable[[Job], Work]:
    def prepare(job: Job) -> Work:
        runs = [kept(run, label) for run, label in zip(job.runs, job.labels(), strict=True)]
        return lambda: write(job, runs)

    return prepare


def _csv(job: Job, runs: list[Kept]) -> bytes:
    return as_csv(table(runs))


def _parquet(job: Job, runs: list[Kept]) -> bytes:
    configs = [strict_json.dumps(to_config(run.timeline.lines[0].first)) for run in job.runs]
    about = {"configs": f"[{','.join(configs)}]", "events": strict_json.dumps([run.events() for run in job.runs])}
    return as_parquet(table(runs), about)


def _report(job: Job) -> Work:
    check([run.experiment for run in job.runs])
    about, last = described(job.runs, job.axis), max(run.state.step for run in job.runs)
    runs, speed = copied(job.runs), job.speed
    return lambda: report(record(runs, last, job.progress, lane=job.lane, speed=speed), about)


def _movie(suffix: str) -> Kind:
    def prepare(job: Job) -> Work:
        last, labels = max(run.state.step for run in job.runs), job.labels() if len(job.runs) > 1 else [""]
        runs = copied(job.runs)
        return lambda: movie(runs, last, job.progress, suffix, lane=job.lane, labels=labels)

    return Kind(prepare, lambda: film.check(Path(f"movie{suffix}")))


KINDS: dict[str, Kind] = {
    "csv": Kind(_series(_csv)),
    "parquet": Kind(_series(_parquet), check_parquet),
    "html": Kind(_report),
    "webp": _movie(".webp"),
    "gif": _movie(".gif"),
    "mp4": _movie(".mp4"),
}
