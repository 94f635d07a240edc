"""rows.jsonl of a sweep, a row a line, and rows.sha256 beside it, by which a row that is lost or altered is noticed."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from gandyn.records import reading
from gandyn.records import strict_json as json
from gandyn.records.disk import naming, write
from gandyn.records.schema import SweptRow
from gandyn.records.vouching import sha256
from gandyn.sweep.grid import Job
from gandyn.sweep.work import Row, columns

ROWS, SUMS = "rows.jsonl", "rows.sha256"
_SUM = re.compile(rb"([0-9a-f]{64})  ([0-9a-f]{16})")  # as sha256sum writes it, with a row's key for the file's name


class RowsAudit(NamedTuple):
    """What the lines of rows.jsonl are to a sweep of certain jobs."""

    lines: dict[str, bytes]  # by key: those that are as they were written
    strange: int  # of these, rows of no job
    lost: int  # rows that were written, and are missing or altered


class RowsFile:
    """Rows are appended as they come; they are on the disk, and then vouched for, when `append` returns."""

    def __init__(self, folder: Path) -> None:
        self.path, self._sums = folder / ROWS, folder / SUMS

    def append(self, rows: Sequence[Row]) -> None:
        """Rows of one task, in one piece."""
        lines = {row["key"]: json.dumps(row).encode() for row in rows}
        _append(self.path, lines.values())
        _append(self._sums, map(_sum, lines.values(), lines))

    def rows(self) -> list[Row]:
        """Those that are there, each once; a line that is no row, or not as it was written, is passed over."""
        vouched, by_key = self._vouched(), dict[str, Row]()
        for line, row in self._read():
            if row is not None and vouched.get(row["key"], sha := sha256(line)) == sha:
                by_key.setdefault(row["key"], row)
        return list(by_key.values())

    def audit(self, jobs: Mapping[str, Job]) -> RowsAudit:
        """Look at every line; a row that nothing vouches for is believed where it fits its job."""
        vouched, kept, altered, unreadable = self._vouched(), dict[str, bytes](), set[str](), 0
        for line, row in self._read():
            if row is not None and vouched.get(row["key"], sha := sha256(line)) == sha and _fits(row, jobs, vouched):
                kept.setdefault(row["key"], line)
            elif row is not None and row["key"] in jobs:
                altered.add(row["key"])
            else:
                unreadable += 1
        altered -= kept.keys()
        missing = altered | (vouched.keys() & jobs.keys()) - kept.keys()
        return RowsAudit(kept, sum(key not in jobs for key in kept), max(len(missing), len(altered) + unreadable))

    def keep(self, lines: Mapping[str, bytes]) -> None:
        """These and no others, so that a row that is computed again does not stand beside an altered one."""
        for path, wanted in ((self.path, lines.values()), (self._sums, map(_sum, lines.values(), lines))):
            text = _text(wanted)
            if not path.exists() or path.read_bytes() != text:
                write(path, text)

    def _read(self) -> Iterator[tuple[bytes, Row | None]]:
        """Every line, and the row that it is; None where it is none."""
        if not self.path.exists():
            return
        with self.path.open("rb") as file:
            for line in map(bytes.rstrip, file):
                try:
                    yield line, reading.checked(reading.parsed(line), SweptRow)
                except ValueError:
                    yield line, None

    def _vouched(self) -> dict[str, str]:
        """The checksum of each row's line, by its key; of an older sweep there are none."""
        lines = self._sums.read_bytes().splitlines() if self._sums.exists() else []
        return {one[2].decode(): one[1].decode() for one in map(_SUM.fullmatch, lines) if one}


def contradicts(row: Row, job: Job) -> bool:
    """Whether a row says another seed, number of steps or point than this job has."""
    wanted = json.loads(json.dumps(columns(job)))  # as it stands in a file
    return any(row.get(name, value) != value for name, value in wanted.items() if name != "key")


def _fits(row: Row, jobs: Mapping[str, Job], vouched: Mapping[str, str]) -> bool:
    """Whether a row may be as it was written: it agrees with its job, or is of another sweep.

    An unknown key is an altered one where others are vouched for, and the rest of the row is what a job's is.
    """
    if row["key"] in jobs:
        return not contradicts(row, jobs[row["key"]])
    return row["key"] in vouched or not vouched or all(contradicts(row, job) for job in jobs.values())


def _sum(line: bytes, key: str) -> bytes:
    return f"{sha256(line)}  {key}".encode()


def _text(lines: Iterable[bytes]) -> bytes:
    return b"".join(line + b"\n" for line in lines)


def _append(path: Path, lines: Iterable[bytes]) -> None:
    with naming(path), path.open("ab") as file:
        file.write(_text(lines))
        file.flush()
        os.fsync(file.fileno())
