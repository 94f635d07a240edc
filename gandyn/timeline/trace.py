"""A timeline as a trace, and back: seed, configuration, and the changes at their steps, of every branch."""

from __future__ import annotations

import platform
from collections.abc import Mapping
from typing import Any

import torch

from gandyn.core import checks
from gandyn.core.types import State
from gandyn.records.again import again
from gandyn.records.config import to_config
from gandyn.records.engine import versions
from gandyn.records.schema import MOST_STEPS
from gandyn.records.trace import FORMAT, digest, experiment_of, settings_of
from gandyn.timeline.kept import BUDGET
from gandyn.timeline.line import Line
from gandyn.timeline.timeline import Timeline


def to_trace(timeline: Timeline, *, branches: bool = True) -> dict[str, Any]:
    """What it takes to do it again; JSON-able. With the sha256 of the state, so that a replay can be checked.

    `events` and `stop` are of the way to where it stands. With `branches`, where more is known than that way: `lines`,
    each with its parent's number, start, events and last step, and `line`, the number of the one on which it stands.
    """
    state, start, root = timeline.state, timeline.start, timeline.lines[0]
    config = to_config(root.first)
    trace = {
        "format": FORMAT,
        "versions": versions(),
        "machine": {
            "processor": platform.machine(),
            "system": platform.system(),
            "threads": torch.get_num_threads(),
        },
        "config": config,
        "seed": config["controls"]["seed"],
        "random": timeline.random,
        "dtype": str(timeline.walker.dtype).removeprefix("torch."),
        "lanes": timeline.lanes,
        "engine": timeline.walker.engine.as_dict(),
        "start": timeline.begins or (0 if start is None else {"step": start.step, "sha256": digest(start)}),
        "events": timeline.events(),
        "stop": state.step,
        "sha256": digest(state),
    }
    lines, line = list(timeline.lines), timeline.line
    if timeline.wish is not None:  # a fork that has no step yet
        fork = Line(line.before(state.step), state.step, line.owner(state.step))
        fork.tip, line = timeline.wish, fork
        lines.append(fork)
    if branches and (len(lines) > 1 or state.step < root.stop or len(root.own_events()) > len(trace["events"])):
        numbers = {one: i for i, one in enumerate(lines)}
        trace["lines"] = [_of_line(one, numbers) for one in lines]
        trace["line"] = numbers[line]
    return trace


def _of_line(line: Line, numbers: Mapping[Line, int]) -> dict[str, Any]:
    parent = None if line.parent is None else numbers[line.parent]
    return {"parent": parent, "start": line.start, "events": line.own_events(), "stop": line.stop}


def timeline_of(
    trace: Mapping[str, Any],
    state: State | None = None,
    *,
    at: State | None = None,
    anyway: bool = False,
    budget: int = BUDGET,
    measured: bool = False,
) -> Timeline:
    """The timeline of a trace, at its first step: everything in it is known, nothing is computed yet.

    `state` is the one it started from, for a trace that did not start at step 0; `at`, that of its step `stop`, at
    which it stands then. `anyway`: see records.again. Raises ValueError with one line for what is no trace.
    """
    trace, engine = again(trace, experiment_of(trace)[0], anyway=anyway)
    experiment, dtype = experiment_of(trace)
    begins = trace["start"] if trace["start"] != 0 and state is None else None
    if begins and at is None:
        raise ValueError("this trace starts from a saved state: pass it as replay(trace, state=...)")
    how = {"lanes": settings_of(trace)[0], "engine": engine, "budget": budget, "begins": begins, "measured": measured}
    timeline = Timeline(experiment, dtype=dtype, state=at if begins else state, **how)
    timeline.random = trace.get("random")
    _read_lines(timeline, trace)
    if at is not None:
        timeline.stand_at(at)
    return timeline


def _read_lines(timeline: Timeline, trace: Mapping[str, Any]) -> None:
    """Its lines; a trace that lists none has one."""
    lines = trace.get("lines") or [{"parent": None, "events": trace["events"], "stop": trace["stop"]}]
    try:
        for i, stored in enumerate(lines):
            if i:
                parent = checks.integer("the parent of a branch", stored["parent"], 0, i - 1)
                timeline.lines.append(_fork(timeline, timeline.lines[parent], stored["start"]))
            timeline.lines[i].read(stored["events"], stored["stop"])
        line = timeline.lines[checks.integer("the number of its branch", trace.get("line", 0), 0, len(lines) - 1)]
    except (KeyError, TypeError):
        raise ValueError("a branch of this trace lacks something: each has parent, start, events and stop") from None
    if "lines" in trace and (trace["stop"] > line.stop or line.events(trace["stop"]) != list(trace["events"])):
        raise ValueError("the events of this trace are not those of its branches: it was changed by hand")
    timeline.seek(timeline.step, line)


def _fork(timeline: Timeline, parent: Line, start: int) -> Line:
    checks.integer("the first step of a branch", start, 0, MOST_STEPS)
    if not timeline.lines[0].start <= start <= parent.stop:
        raise ValueError(f"a branch of this trace begins at step {start}, which its parent has not made")
    return Line(parent.before(start), start, parent.owner(start), lanes=timeline.lanes)
