"""A fresh run directory: of an experiment, or of a recorded run that is to be done again."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from gandyn.core.experiment import Experiment
from gandyn.core.lanes import check_lanes
from gandyn.core.rng import NAME
from gandyn.records.again import again
from gandyn.records.config import resolve_device, to_config
from gandyn.records.engine import Engine, engine_of
from gandyn.records.plan import plan
from gandyn.records.rundir import RunDirectory
from gandyn.records.trace import experiment_of, settings_of
from gandyn.timeline.line import Line, last_step


def begin(
    path: Path,
    experiment: Experiment,
    *,
    events: Any = (),
    dtype: str = "float32",
    lanes: int | None = None,
    engine: Engine | None = None,
) -> RunDirectory:
    """A fresh directory whose config.json has everything resolved, the engine (default: what fits here) among it.

    ValueError if something is there already, or if an event is not one, or for a number of lanes that does not fit.
    """
    resolve_device(experiment)
    check_lanes(experiment.knobs, lanes)
    Line(experiment, 0).read(events, max(experiment.steps, last_step(events)))  # refuses what is no event
    config = {
        **to_config(experiment),
        "events": list(events),
        "dtype": dtype,
        "plan": plan(experiment)._asdict(),
        "lanes": lanes,
        "data": experiment.target.provenance(),
        "random": NAME,
        "engine": (engine or engine_of(experiment)).as_dict(),
    }
    return RunDirectory.new(path, config)


def begin_replay(path: Path, trace: Mapping[str, Any], *, anyway: bool = False) -> RunDirectory:
    """A fresh directory in which a recorded run is done again; ValueError for what is no trace from step 0.

    `anyway`: also under other random numbers than it was made with, and where its engine is not available here, by the
    one that is.
    """
    trace, engine = again(trace, experiment_of(trace)[0], anyway=anyway)
    experiment, dtype = experiment_of(trace)
    if trace["start"] != 0:
        raise ValueError(
            "this trace starts from a saved state, which it does not hold: use gandyn.replay(trace, state)"
        )
    if trace["stop"] == 0:
        raise ValueError("this trace ends at step 0: there is nothing to do again")
    name = str(dtype).removeprefix("torch.")
    steps, events = experiment.replace(steps=trace["stop"]), trace["events"]
    lanes, _ = settings_of(trace)
    return begin(path, steps, events=events, dtype=name, lanes=lanes, engine=engine)
