"""A grid as it stands in sweep.json, and back: enough to know every row of the sweep without its command."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gandyn.records import strict_json as json
from gandyn.sweep.grid import Axis, Grid, Job, key_of, with_seed

OWN = ("every", "warmup", "before", "set", "seeds")  # of a point's entries; the others are its configuration


def describe(grid: Grid) -> dict[str, Any]:
    """{axes, points}, JSON-able. A point is there once: its whole configuration but for the seed, and its seeds."""
    points: dict[str, dict[str, Any]] = {}
    for job in grid.jobs:
        point = {**_without_seed(job.config), "every": job.every, "set": job.point}
        if job.before is not None:
            point |= {"warmup": job.warmup, "before": _without_seed(job.before)}
        points.setdefault(json.dumps(point), point | {"seeds": []})["seeds"].append(job.seed)
    axes = [{"name": axis.name, "values": list(axis.values)} for axis in grid.axes]
    return {"axes": axes, "points": list(points.values())}


def grid_of(about: Mapping[str, Any]) -> Grid:
    """The grid that `describe` described, read from JSON. KeyError, TypeError or AttributeError for anything else."""
    axes = tuple(Axis(axis["name"], tuple(map(_value, axis["values"]))) for axis in about["axes"])
    return Grid(axes, tuple(job for point in about["points"] for job in _jobs(point)))


def _jobs(point: Mapping[str, Any]) -> list[Job]:
    seedless = {name: value for name, value in point.items() if name not in OWN}
    every, warmup = point["every"], point.get("warmup", 0)
    settings = {name: _value(value) for name, value in point["set"].items()}
    jobs = []
    for seed in point["seeds"]:
        config = with_seed(seedless, seed)
        before = with_seed(point["before"], seed) if "before" in point else None
        jobs.append(Job(key_of(config, every, warmup, before), config, every, warmup, before, settings, seed))
    return jobs


def _without_seed(config: Mapping[str, Any]) -> dict[str, Any]:
    return {**config, "controls": {name: value for name, value in config["controls"].items() if name != "seed"}}


def _value(value: Any) -> Any:
    """A control's value as a grid has it: JSON knows no tuples."""
    return tuple(value) if isinstance(value, list) else value
