"""What a sweep leaves when all its rows are there: summary.json, rows.parquet, sweep.png.

A shard leaves summary.json alone: intervals over some of the seeds are no figure of the sweep. A single GAN has none.
"""

from __future__ import annotations

from typing import Any

from gandyn.records.figures import canvas
from gandyn.sweep.directory import PARQUET, SWEEP, SweepDirectory
from gandyn.sweep.figure import figure_of
from gandyn.sweep.grid import Grid
from gandyn.sweep.rows_file import ROWS
from gandyn.sweep.shard import Shard, jobs_of
from gandyn.sweep.statistics import CONFIDENCE
from gandyn.sweep.summary import each, points

SUMMARY, FIGURE = "summary.json", "sweep.png"


def summary(directory: SweepDirectory, grid: Grid, shard: Shard | None = None) -> dict[str, Any]:
    """How far the sweep or the shard is, and its points over the seeds with intervals of CONFIDENCE; JSON-able."""
    rows, gans = directory.rows(), len(jobs_of(grid, shard))
    return {
        "directory": str(directory.path),
        "shard": None if shard is None else str(shard),
        "gans": gans,
        "rows": len(rows),
        "finished": len(rows) == gans,
        "errors": sum(row["error"] is not None for row in rows),
        "seconds": round(sum(row.get("seconds", 0.0) for row in rows), 3),
        "confidence": CONFIDENCE,
        "points": points(grid, rows),
    }


def finish(directory: SweepDirectory, grid: Grid, shard: Shard | None = None) -> dict[str, Any]:
    """Write all that follows from the rows; returns what is in summary.json, with the names of the files."""
    contents = summary(directory, grid, shard)
    files = [SWEEP, ROWS, SUMMARY]
    if shard is None:
        if directory.write_parquet():
            files.append(PARQUET)
        values = each(grid, directory.rows())
        drawn = [point | {"each": of} for point, of in zip(contents["points"], values, strict=True)]
        figure = figure_of(drawn, grid.axes, CONFIDENCE)
        if figure is not None:
            canvas.save(figure, directory.path / FIGURE)
            files.append(FIGURE)
    contents["files"] = files
    directory.write(SUMMARY, contents)
    return contents
