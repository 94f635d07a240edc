"""A recorded run again, in memory."""

from __future__ import annotations

from typing import Any

from gandyn.core.types import State
from gandyn.live.run import Run
from gandyn.timeline.trace import timeline_of


def replay(trace: dict[str, Any], state: State | None = None, *, anyway: bool = False) -> Run:
    """The run of a trace at its last step: the same states, bit for bit, on the same machine.

    `state` is the one it started from, for a trace that did not start at step 0. `anyway`: also where its engine is not
    available here, by the one that is: bits may differ then. Raises ValueError with one line.
    """
    timeline = timeline_of(trace, state, anyway=anyway)
    timeline.seek(trace["stop"])
    return Run.of(timeline)
