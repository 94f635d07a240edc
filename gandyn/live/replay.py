"""A recorded run again, in memory."""

from __future__ import annotations

from typing import Any

from gandyn.core.types import State
from gandyn.live.run import Run
from gandyn.records.again import again
from gandyn.records.trace import experiment_of, settings_of


def replay(trace: dict[str, Any], state: State | None = None, *, anyway: bool = False) -> Run:
    """The run of a trace at its last step: the same states, bit for bit, on the same machine.

    `state` is the one it started from, for a trace that did not start at step 0. `anyway`:
    also where its engine is not available here, by the one that is: bits may differ then. Raises ValueError with one
    line.
    """
    trace, engine = again(trace, experiment_of(trace)[0], anyway=anyway)
    experiment, dtype = experiment_of(trace)
    if trace["start"] != 0 and state is None:
        raise ValueError("this trace starts from a saved state: pass it as replay(trace, state=...)")
    run = Run(experiment, dtype=dtype, state=state, lanes=settings_of(trace)[0], engine=engine)
    for event in trace["events"]:
        run.advance(event["step"] - run.state.step)
        run.set(**event["controls"])
    run.advance(trace["stop"] - run.state.step)
    return run
