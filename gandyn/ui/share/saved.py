"""What a page shows as one trace: the run that is steered, and in `beside` those with which it is compared."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from gandyn.core import checks
from gandyn.live.run import Run
from gandyn.targets.point_files import stored_only
from gandyn.timeline.trace import timeline_of
from gandyn.ui.session.choices import checked_lanes
from gandyn.ui.views.comparison import MOST

Trace = dict[str, Any]


class Opened(NamedTuple):
    """The runs of a saved page in the order in which they were shown."""

    runs: list[Run]
    steered: int
    bookmarks: list[dict[str, int]]
    step: int  # at which they stood


def saved(runs: Sequence[Run], steered: int, bookmarks: list[dict[str, int]]) -> Trace:
    """The trace of run number `steered`; `place` is that number, where there are others. `bookmarks`: of the first."""
    trace = runs[steered].trace()
    if bookmarks:
        trace["bookmarks"] = bookmarks
    if len(runs) > 1:
        others = [run.trace() for i, run in enumerate(runs) if i != steered]
        trace |= {"beside": others, "place": steered}
    return trace


@stored_only()
def opened(trace: Any) -> Opened:
    """The runs of a trace, at their first steps. ValueError with one line for what is none, or what a page cannot show.

    Takes a second for a target of a million points: from any thread.
    """
    others = trace.get("beside", []) if isinstance(trace, dict) else []
    if not isinstance(others, list) or len(others) >= MOST:
        raise ValueError(f"beside, the runs that are compared, must be a list of {MOST - 1} traces at most")
    runs = [_run_of(one) for one in (trace, *others)]
    if others and any(run.lanes for run in runs):
        raise ValueError("only runs of one GAN each are compared: this session has several in one")
    place = checks.integer("place, of the run among those beside it,", trace.get("place", 0), 0, len(others))
    runs.insert(place, runs.pop(0))
    return Opened(runs, place, _bookmarks(trace.get("bookmarks", []), len(runs[0].timeline.lines)), trace["stop"])


def without_branches(trace: Trace) -> Trace:
    """What leads to where the runs stand, alone."""
    alone = {key: value for key, value in trace.items() if key not in ("lines", "line", "bookmarks")}
    return alone | ({"beside": [without_branches(one) for one in trace["beside"]]} if "beside" in trace else {})


def _run_of(trace: Any) -> Run:
    run = Run.of(timeline_of(trace, measured=True))
    checked_lanes(run.lanes or 1, run.experiment)
    if run.experiment.target.shape not in ((1,), (2,)):
        raise ValueError("this session is not about points in the plane, which this page shows")
    return run


def _bookmarks(listed: Any, lines: int) -> list[dict[str, int]]:
    """Those that are on one of so many lines."""
    try:
        marks = [{name: checks.integer(name, one[name], 0, 2**53) for name in ("line", "step")} for one in listed]
    except (KeyError, TypeError, ValueError):
        raise ValueError("a bookmark of this session is not of the form {line, step}") from None
    return [one for one in marks if 0 <= one["line"] < lines]
