"""Folders of shards, which are only read, put together as the folder that one command for the whole sweep leaves."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

from gandyn.records import strict_json as json
from gandyn.records.engine import Engine
from gandyn.records.lock import exclusive, is_free
from gandyn.sweep.description import grid_of
from gandyn.sweep.directory import SWEEP, SweepDirectory
from gandyn.sweep.grid import Grid, Job
from gandyn.sweep.report import finish
from gandyn.sweep.rows_file import contradicts
from gandyn.sweep.shard import Shard
from gandyn.sweep.work import Row

OF_THE_WORK = {"seconds", "lanes"}  # of a row's entries: how it was made, in which equal results may differ
NAMED = 4  # missing shards or rows that a message names

log = logging.getLogger(__name__)


class Part(NamedTuple):
    """What a folder holds."""

    path: Path
    about: dict[str, Any]  # sweep.json without the shard and the engine
    engine: Engine
    shard: Shard | None  # None: of the whole sweep
    rows: list[Row]


def read(path: Path) -> Part:
    """The sweep in this folder; ValueError with one line where there is none."""
    directory = SweepDirectory(path)
    about = directory.about()
    try:
        shard, engine = about.pop("shard"), Engine.from_dict(about.pop("engine"))
        return Part(path, about, engine, None if shard is None else Shard.parse(shard), directory.rows())
    except (KeyError, TypeError, ValueError):
        raise ValueError(f"{path / SWEEP} is not as gandyn wrote it") from None


def merged(parts: Sequence[Part]) -> tuple[Grid, list[Row]]:
    """The sweep of which all parts are, and its rows in the grid's order.

    ValueError with one line where the parts are of different sweeps, versions, engines or data, where a row is none of
    the sweep's, where two rows of one GAN differ, or where rows are missing. A warning where machines differ.
    """
    first = parts[0]
    for part in parts[1:]:
        if differing := [name for name in first.about | part.about if first.about.get(name) != part.about.get(name)]:
            raise ValueError(_difference(first, part, differing[0]))
        if part.engine.name != first.engine.name:
            engines = f"{first.engine.name!r} and {part.engine.name!r}"
            raise ValueError(f"{first.path} and {part.path} were made with engines {engines}: make one of them again")
        if part.engine != first.engine:
            log.warning("%s and %s were made on different machines: the last bits may differ", first.path, part.path)
    try:
        grid = grid_of(first.about)
    except (KeyError, TypeError, AttributeError):
        raise ValueError(f"{first.path / SWEEP} is not as gandyn wrote it") from None
    jobs = {job.key: job for job in grid.jobs}
    rows: dict[str, tuple[Part, Row]] = {}
    for part in parts:
        if strange := sum(row["key"] not in jobs or contradicts(row, jobs[row["key"]]) for row in part.rows):
            raise ValueError(f"{part.path} holds {strange:,} rows that are not of its sweep: make this shard again")
        for row in part.rows:
            before, other = rows.setdefault(row["key"], (part, row))
            if _result(other) != _result(row):
                gan = _gan(jobs[row["key"]], grid)
                raise ValueError(
                    f"{before.path} and {part.path} have different rows of the same GAN, {gan}: "
                    "find out which is right (another machine or number of lanes?), and leave out the other folder"
                )
    if missing := [job for job in grid.jobs if job.key not in rows]:
        raise ValueError(_missing(missing, grid, parts))
    return grid, [rows[job.key][1] for job in grid.jobs]


def merge(sources: Sequence[Path], out: Path) -> tuple[dict[str, Any], Grid]:
    """A new finished sweep in `out`; nothing at all where `merged` refuses. Returns its summary and its grid."""
    for source in sources:
        if out.resolve().is_relative_to(source.resolve()):
            raise ValueError(f"{out} lies in {source}, which a merge leaves as it is: choose another --out")
    if not is_free(out):
        raise ValueError(f"{out} is not empty: choose another --out")
    parts = [read(source) for source in sources]
    grid, rows = merged(parts)
    out.mkdir(parents=True, exist_ok=True)
    with exclusive(out):
        directory = SweepDirectory(out)
        directory.write(SWEEP, {"shard": None, "engine": parts[0].engine.as_dict(), **parts[0].about})
        directory.append(rows)
        return finish(directory, grid), grid


def _result(row: Row) -> dict[str, Any]:
    return {name: value for name, value in row.items() if name not in OF_THE_WORK}


def _difference(one: Part, other: Part, name: str) -> str:
    if name in ("axes", "points"):
        return f"{one.path} and {other.path} are of different sweeps: merge what one command made"
    values = (json.dumps(part.about.get(name)) for part in (one, other))
    return (
        f"{one.path} and {other.path} were made with different {name}, {' and '.join(values)}: make one of them again"
    )


def _missing(missing: Sequence[Job], grid: Grid, parts: Sequence[Part]) -> str:
    """Which shards the missing rows are of; which rows, where the parts are not all shards of one number of them."""
    totals = {None if part.shard is None else part.shard.total for part in parts}
    total = totals.pop() if len(totals) == 1 else None
    if total is None:
        names = [_gan(job, grid) for job in missing]
        advice = "make them with the command of one of the folders"
    else:
        lost = Counter(Shard.of(job.key, total) for job in missing)
        names = [_shard(shard, lost[shard], parts) for shard in sorted(lost)]
        advice = "go on with these shards by the commands that make them"
    named = ", ".join(names[:NAMED]) + (f", and {len(names) - NAMED:,} more" if len(names) > NAMED else "")
    return f"missing are {len(missing):,} of {len(grid.jobs):,} rows: {named}; {advice}, then merge all"


def _shard(shard: Shard, rows: int, parts: Sequence[Part]) -> str:
    folders = [str(part.path) for part in parts if part.shard == shard]
    return f"{rows:,} of shard {shard} ({', '.join(folders) or 'not among the folders'})"


def _gan(job: Job, grid: Grid) -> str:
    axes = (f"{axis.name} {job.point[axis.name]}" for axis in grid.axes if axis.name != "preset")
    return " ".join([job.point["preset"], *axes, f"seed {job.seed}"])
