"""A trace: seed, configuration and the changes a person made at their steps. Enough to do a run again."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
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
from gandyn.records.reading import checked, kind_of, value
from gandyn.records.schema import MOST_EVENTS, Events, Trace

FORMAT = "gandyn-trace-2"  # with branches
FORMATS = ("gandyn-trace-1", FORMAT)
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
        given = trace.get("format") if isinstance(trace, Mapping) else None
        newer = isinstance(given, str) and given.startswith(FORMAT.rsplit("-", 1)[0])
        advice = ": another version of gandyn may read it" if newer else ""
        if isinstance(trace, Mapping):
            held = f"its field format is {brief(given)}" if "format" in trace else "it has no field format"
        else:
            held = f"it holds {kind_of(trace)}"
        raise ValueError(f"this is no trace of the format {FORMAT!r}: {held}{advice}")
    try:
        record = checked(trace, Trace)
    except ValueError as error:
        raise ValueError(f"this trace is not as gandyn writes it: {error}") from None
    start = record["start"]
    if start != 0 and not (isinstance(start, Mapping) and start["step"] <= record["stop"]):
        raise ValueError(f"the trace starts at {brief(start)}, which is neither 0 nor {{step, sha256}} of its steps")
    if sum(len(line["events"]) for line in record.get("lines", ())) > MOST_EVENTS:
        raise ValueError(f"the lines of this trace have more than {MOST_EVENTS:,} events")
    if "lines" in record:
        checks.integer("line, the number of its branch,", record.get("line", 0), 0, len(record["lines"]) - 1)
    return from_config(record["config"]), DTYPES[record.get("dtype", "float32")]


def changes(events: object) -> list[tuple[int, dict[str, Any]]]:
    """(step, controls) of each of the events [{step, controls}]; ValueError with one line for what is none of them."""
    try:
        checked_events = value("events", events, Events)
    except ValueError as error:
        raise ValueError(f"these are no events [{{step, controls}}]: {error}") from None
    return [(event["step"], by_lane(event["controls"])) for event in checked_events]


def plain_name(preset: object) -> str:
    """The name of what a trace is of as a part of a file's name: never a path, whatever stands in the trace."""
    return re.sub(r"[^\w.-]+", "-", str(preset or "")).strip("-.")[:60] or "session"


def settings_of(trace: Mapping[str, Any]) -> tuple[int | None, Engine | None]:
    """(its lanes, the engine that computed it), of a config.json, too; None for what it does not say."""
    engine = trace.get("engine")
    return trace.get("lanes"), None if engine is None else Engine.from_dict(engine)
