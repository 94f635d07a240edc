"""The directory of a sweep: sweep.json, rows.jsonl, and what follows from them."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from gandyn.core.rng import NAME
from gandyn.records import reading
from gandyn.records import strict_json as json
from gandyn.records.config import from_config
from gandyn.records.disk import naming, write
from gandyn.records.engine import Engine, versions, warn_of_differences
from gandyn.records.lock import is_free
from gandyn.records.numbers import check_numbers
from gandyn.records.schema import Sweep
from gandyn.sweep.description import describe
from gandyn.sweep.grid import Grid, Job
from gandyn.sweep.rows_file import RowsFile
from gandyn.sweep.shard import Shard, jobs_of
from gandyn.sweep.work import Row

SWEEP, PARQUET = "sweep.json", "rows.parquet"
LARGEST = 2**28  # bytes of sweep.json: 100,000 points

log = logging.getLogger(__name__)


class SweepDirectory:
    """Rows are appended as they come, a task's in one piece, and are on the disk before the next is asked for."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._rows = RowsFile(path)
        self.rows_file = self._rows.path

    @classmethod
    def opened(cls, path: Path, grid: Grid, engine: Engine, shard: Shard | None = None) -> SweepDirectory:
        """A fresh one, or the one of this sweep (its shard) or of a part of it; ValueError if anything else is there.

        One that is there stays with the engine that it began with.
        """
        directory = cls(path)
        if not is_free(path) and not (path / SWEEP).is_file():
            raise ValueError(f"{path} is not empty and holds no sweep: choose another --out")
        if (path / SWEEP).is_file():
            engine = directory._begun_with(engine)
            check_numbers(directory.about(), str(path), "choose another --out")
            directory._check_shard(shard)
            directory._mend({job.key: job for job in jobs_of(grid, shard)})
        about = {
            "shard": None if shard is None else str(shard),
            "engine": engine.as_dict(),
            "random": NAME,
            "versions": versions(),
            "data": _data(grid),
            **describe(grid),
        }
        path.mkdir(parents=True, exist_ok=True)
        directory.write(SWEEP, about)
        directory.rows_file.touch()
        return directory

    def _begun_with(self, here: Engine) -> Engine:
        """The engine that the sweep began with; ValueError where it is not the one that is available here."""
        stored = self.engine()
        if stored.name == "native" and here.name != "native":
            raise ValueError(f"{self.path} was begun with engine 'native', which is not available here")
        warn_of_differences(stored, here)
        return stored

    def engine(self) -> Engine:
        """What sweep.json says of it; ValueError with one line if it is no such file."""
        about = self.about()
        try:
            return Engine.from_dict(about["engine"])
        except (ValueError, KeyError):
            raise ValueError(f"{self.path / SWEEP} is not as gandyn wrote it") from None

    def about(self) -> dict[str, Any]:
        """What sweep.json says; ValueError with one line where there is none or it is damaged."""
        path = self.path / SWEEP
        try:
            data = reading.content(path, LARGEST)
        except ValueError as error:
            raise ValueError(f"{self.path} holds no sweep: {str(error).replace(str(path), SWEEP, 1)}") from None
        try:
            return reading.checked(reading.parsed(data, LARGEST), Sweep)
        except ValueError as error:
            raise ValueError(f"{path} is not as gandyn wrote it: {error}") from None

    def _check_shard(self, shard: Shard | None) -> None:
        begun = self.about().get("shard")
        if begun != (None if shard is None else str(shard)):
            holds = "a whole sweep" if begun is None else f"shard {begun}"
            advice = "without --shard" if begun is None else f"with --shard {begun}"
            raise ValueError(f"{self.path} holds {holds}: go on with it {advice}, or choose another --out")

    def write(self, name: str, value: Any) -> None:
        """A JSON file, all of it or nothing."""
        write(self.path / name, (json.dumps(value, indent=1) + "\n").encode())

    def rows(self) -> list[Row]:
        """Those that are there as they were written, each once; the GANs of all others are trained again."""
        return self._rows.rows()

    def append(self, rows: Sequence[Row]) -> None:
        """Rows of one task, on the disk when this returns."""
        self._rows.append(rows)

    def _mend(self, jobs: Mapping[str, Job]) -> None:
        """Leave out what is no row of these jobs, and say what is lost; ValueError where it is another sweep's."""
        audit = self._rows.audit(jobs)
        if audit.strange:
            raise ValueError(
                f"{self.path} holds {audit.strange:,} rows of another sweep: use the same command to go on with it, "
                "or choose another --out"
            )
        if audit.lost:
            lines = "1 row is" if audit.lost == 1 else f"{audit.lost:,} rows are"
            log.warning("%s: %s missing or not as written: computed again", self.rows_file, lines)
        self._rows.keep(audit.lines)

    def write_parquet(self) -> bool:
        """The rows as a table of columns, rows.parquet; False where pyarrow is not installed."""
        try:
            import pyarrow as arrow
            from pyarrow import parquet
        except ImportError:
            return False
        rows = self.rows()
        names = dict.fromkeys(name for row in rows for name in row)
        columns = {name: _column(arrow, [row.get(name) for row in rows]) for name in names}
        part = self.path / f"{PARQUET}.part"
        with naming(self.path / PARQUET):
            parquet.write_table(arrow.table(columns), part)
            part.replace(self.path / PARQUET)
        return True


def _data(grid: Grid) -> dict[str, dict[str, str]]:
    """Which data the targets are, by name; read here once, so that no worker finds them missing."""
    by_target = {job.config["controls"]["target"]: job for job in grid.jobs}
    provenance = {name: from_config(job.config).target.provenance() for name, job in by_target.items()}
    return {name: data for name, data in provenance.items() if data}


def _column(arrow: Any, values: list[Any]) -> Any:
    """One type a column; text (JSON) where values are of several."""
    try:
        return arrow.array(values)
    except (arrow.ArrowInvalid, arrow.ArrowTypeError):
        return arrow.array([None if value is None else json.dumps(value) for value in values])
