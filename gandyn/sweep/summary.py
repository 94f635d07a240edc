"""What the rows of a sweep say of each of its points, over the seeds."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from gandyn.probes.sample_measures import MEASURES
from gandyn.records import strict_json as json
from gandyn.sweep.grid import Grid
from gandyn.sweep.statistics import Estimate, average, median, share
from gandyn.sweep.work import Row

NONE = "-"
SPANS = 24  # letters of a table's column of seeds


def points(grid: Grid, rows: Sequence[Row]) -> list[dict[str, Any]]:
    """For every point, in the order of the grid: what was set, and over the rows that are there

    seeds         of the rows, as --seeds takes them: 0:8, or 0:3,5:8 where some are missing
    n             rows
    errors        those with an error: they cover nothing, and have no part in the means
    cover         share of the n that cover all modes at the last step, with its Wilson interval
    covered       mean number of modes covered at the last step with Student's interval
    hq, sw2       means at the last step with Student's interval, and so all of gandyn.measures(), of 400 samples
    steps_to_cover    median of the first measurement with all modes covered, a seed that never does being later than
                  all; with its distribution-free interval
    Each but seeds, n and errors is [value, low, high], null where there is none; targets without modes
    have no counts of them.
    """
    return [{**point, **_estimates(of_point)} for point, of_point in _by_point(grid, rows)]


def each(grid: Grid, rows: Sequence[Row]) -> list[dict[str, list[float]]]:
    """Of every point, in the order of `points`, each quantity of its GANs one by one, of those that have it."""
    names = ("covered", "hq", "steps_to_cover", "sw2", "frechet")
    of_points = [of_point for _, of_point in _by_point(grid, rows)]
    return [{name: [row[name] for row in of if row.get(name) is not None] for name in names} for of in of_points]


def _by_point(grid: Grid, rows: Sequence[Row]) -> list[tuple[dict[str, Any], list[Row]]]:
    """The points in the order of the grid, and of each the rows that are there."""
    by_key = {row["key"]: row for row in rows}
    by_point: dict[str, tuple[dict[str, Any], list[Row]]] = {}
    for job in grid.jobs:
        of_point = by_point.setdefault(json.dumps(job.point, sort_keys=True), (job.point, []))[1]
        if job.key in by_key:
            of_point.append(by_key[job.key])
    return list(by_point.values())


def _estimates(rows: Sequence[Row]) -> dict[str, Any]:
    good = [row for row in rows if row["error"] is None]
    estimates: dict[str, Any] = {"seeds": spans([row["seed"] for row in rows])}
    estimates |= {"n": len(rows), "errors": len(rows) - len(good)}
    if any("centres" in row for row in rows):
        estimates["cover"] = share(sum(row["covered"] == row["centres"] for row in good), len(rows))
        estimates["covered"] = average([row["covered"] for row in good])
        estimates["hq"] = average([row["hq"] for row in good], most=1.0)
        estimates["steps_to_cover"] = median([row.get("steps_to_cover") for row in rows])
    for name in ("sw2", "frechet", *MEASURES):
        if any(name in row for row in good):
            ends = MEASURES[name].ends if name in MEASURES else (0.0, math.inf)
            estimates[name] = average([value for row in good if (value := row.get(name)) is not None], *ends)
    return estimates


def spans(seeds: Sequence[int]) -> str:
    """Whole numbers as A:B, those from A to B - 1, with commas between; "-" for none."""
    ends: list[list[int]] = []
    for seed in sorted(seeds):
        if ends and seed == ends[-1][1]:
            ends[-1][1] += 1
        else:
            ends.append([seed, seed + 1])
    return ",".join(f"{first}:{end}" for first, end in ends) or NONE


def table(summaries: Sequence[Mapping[str, Any]], names: Sequence[str]) -> list[str]:
    """The points as aligned lines; `names` are what differs between them."""
    heads = {
        "cover": "cover all modes",
        "covered": "mean covered",
        "hq": "mean hq",
        "steps_to_cover": "median steps to cover",
        "sw2": "mean sw2",
    }
    heads |= {"frechet": "mean Frechet"}
    heads = {key: head for key, head in heads.items() if any(key in point for point in summaries)}
    rows = [[*names, "seeds", "n", "errors", *heads.values()]]
    for point in summaries:
        cells = [value_text(point[name]) for name in names]
        rows.append(
            [
                *cells,
                _short(point["seeds"]),
                str(point["n"]),
                str(point["errors"]),
                *(_cell(key, point.get(key)) for key in heads),
            ]
        )
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    return ["  ".join(f"{cell:>{width}}" for cell, width in zip(row, widths, strict=True)) for row in rows]


def _short(text: str) -> str:
    """The first and the last of many spans of seeds, as those of a shard are."""
    return text if len(text) <= SPANS else f"{text.partition(',')[0]},...,{text.rpartition(',')[2]}"


def value_text(value: Any) -> str:
    """A control's value as a person reads it: 64,64 and 0.001."""
    if isinstance(value, (list, tuple)):
        return ",".join(map(value_text, value))
    return f"{value:g}" if isinstance(value, float) else str(value)


def _cell(key: str, estimate: Estimate | None) -> str:
    if estimate is None:
        return NONE
    form = {"cover": "{:.0%}", "covered": "{:.2f}", "hq": "{:.3f}", "steps_to_cover": "{:,.0f}"}.get(key, "{:.4g}")
    value, low, high = (NONE if number is None else form.format(number) for number in estimate)
    return value if low == high == NONE else f"{value} [{low}, {high}]"
