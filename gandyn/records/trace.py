"""A trace: seed, configuration and the changes a person made at their steps. Enough to do a run again."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from typing import Any

import torch

from gandyn.core import checks
from gandyn.core.experiment import Experiment
from gandyn.core.lanes import by_lane
from gandyn.core.registry import brief
from gandyn.core.trees import tensors
from gandyn.core.types import State
from gandyn.records.config import from_config
from gandyn.records.engine import Engine

FORMAT = "gandyn-trace-2"  # with branches
FORMATS = ("gandyn-trace-1", FORMAT)
MOST_STEPS = 2**53
DTYPES = {"float32": torch.float32, "float64": torch.float64}


def digest(state: State) -> str:
    """sha256 of all the numbers of a state."""
    whole = hashlib.sha256(str(state.step).encode())
    for tensor in tensors(state):
        whole.update(tensor.detach().cpu().contiguous().numpy().tobytes())
    return whole.hexdigest()


def experiment_of(trace: Mapping[str, Any]) -> tuple[Experiment, torch.dtype]:
    """(the experiment at the trace's start, its dtype). Raises ValueError with one line for what is no trace."""
    if not isinstance(trace, Mapping) or trace.get("format") not in FORMATS:
        given = trace.get("format") if isinstance(trace, Mapping) else type(trace).__name__
        newer = isinstance(given, str) and given.startswith(FORMAT.rsplit("-", 1)[0])
        advice = ": another version of gandyn may read it" if newer else ""
        raise ValueError(f"this is no trace of the format {FORMAT!r} (given {brief(given)}){advice}")
    missing = [key for key in ("config", "seed", "start", "events", "stop") if key not in trace]
    if missing:
        raise ValueError(f"the trace lacks {', '.join(missing)}")
    checks.integer("the last step of the trace", trace["stop"], 0, MOST_STEPS)
    start = trace["start"]
    if start != 0 and not (isinstance(start, Mapping) and {"step", "sha256"} <= start.keys()):
        raise ValueError(f"the trace starts at {brief(start)}, which is neither 0 nor {{step, sha256}}")
    if start != 0:
        checks.integer("the first step of the trace", start["step"], 0, trace["stop"])
    changes(trace["events"])
    dtype = checks.choice("the trace's dtype", trace.get("dtype", "float32"), list(DTYPES))
    return from_config(trace["config"]), DTYPES[dtype]


def changes(events: object) -> list[tuple[int, dict[str, Any]]]:
    """(step, controls) of each of the events [{step, controls}]; ValueError with one line for what is none of them."""
    if not isinstance(events, Sequence) or isinstance(events, str):
        raise ValueError(f"the events of this trace are no list but {brief(events)}")
    for event in events:
        if not (isinstance(event, Mapping) and "step" in event and isinstance(event.get("controls"), Mapping)):
            raise ValueError(f"an event of this trace is not of the form {{step, controls}}: {brief(event)}")
    return [
        (checks.integer("the step of an event", event["step"], 0, MOST_STEPS), by_lane(event["controls"]))
        for event in events
    ]


def plain_name(preset: object) -> str:
    """The name of what a trace is of as a part of a file's name: never a path, whatever stands in the trace."""
    return re.sub(r"[^\w.-]+", "-", str(preset or "")).strip("-.")[:60] or "session"


def settings_of(trace: Mapping[str, Any]) -> tuple[int | None, Engine | None]:
    """(its lanes, the engine that computed it), of a config.json, too; None for what it does not say."""
    engine = trace.get("engine")
    return trace.get("lanes"), None if engine is None else Engine.from_dict(engine)
