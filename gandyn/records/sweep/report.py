"""What a sweep leaves when all its rows are there: summary.json, rows.parquet, sweep.png."""

from __future__ import annotations

from typing import Any

from gandyn.records.figures import canvas
from gandyn.records.sweep.directory import PARQUET, ROWS, SWEEP, SweepDirectory
from gandyn.records.sweep.figure import figure_of
from gandyn.records.sweep.grid import Grid
from gandyn.records.sweep.statistics import CONFIDENCE
from gandyn.records.sweep.summary import points

SUMMARY, FIGURE = "summary.json", "sweep.png"


def summary(directory: SweepDirectory, grid: Grid) -> dict[str, Any]:
    """How far it is, and its points over the seeds with intervals of CONFIDENCE; JSON-able."""
    rows = directory.rows()
    return {
        "directory": str(directory.path),
        "gans": len(grid.jobs),
        "rows": len(rows),
        "finished": len(rows) == len(grid.jobs),
        "errors": sum(row["error"] is not None for row in rows),
        "seconds": round(sum(row.get("seconds", 0.0) for row in rows), 3),
        "confidence": CONFIDENCE,
        "points": points(grid, rows),
    }


def finish(directory: SweepDirectory, grid: Grid) -> dict[str, Any]:
    """Write all that follows from the rows; returns what is in summary.json, with the names of the files."""
    files = [SWEEP, ROWS, SUMMARY]
    if directory.write_parquet():
        files.append(PARQUET)
    found = summary(directory, grid) | {"files": [*files, FIGURE]}
    canvas.save(figure_of(found["points"], grid.axes, CONFIDENCE), directory.path / FIGURE)
    directory.write(SUMMARY, found)
    return found
