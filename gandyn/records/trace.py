"""A trace: seed, configuration and the changes a person made at their steps. Enough to do a run again."""

from __future__ import annotations

import hashlib
import math
import platform
from collections.abc import Mapping, Sequence
from typing import Any

import torch

from gandyn.core import checks
from gandyn.core.experiment import Experiment
from gandyn.core.lanes import by_lane
from gandyn.core.rng import NAME
from gandyn.core.trees import tensors
from gandyn.core.types import State
from gandyn.records.config import from_config, to_config
from gandyn.records.engine import Engine, versions

FORMAT = "gandyn-trace-1"
DTYPES = {"float32": torch.float32, "float64": torch.float64}


def digest(state: State) -> str:
    """sha256 of all the numbers of a state."""
    whole = hashlib.sha256(str(state.step).encode())
    for tensor in tensors(state):
        whole.update(tensor.detach().cpu().contiguous().numpy().tobytes())
    return whole.hexdigest()


class Trace:
    """Notes the experiment at every step and keeps what changed, and when."""

    def __init__(
        self,
        experiment: Experiment,
        dtype: torch.dtype,
        state: State | None,
        *,
        lanes: int | None = None,
        engine: Engine | None = None,
        random: str | None = NAME,
    ) -> None:
        self._lanes, self._engine, self._random = lanes, engine, random
        self._config = to_config(experiment)
        self._dtype = str(dtype).removeprefix("torch.")
        self._start: Any = 0 if state is None else {"step": state.step, "sha256": digest(state)}
        self._last = experiment  # of the last step noted
        self._events: list[dict[str, Any]] = []
        self._before: list[Experiment] = []  # what each event changed

    def note(self, step: int, experiment: Experiment) -> None:
        """The experiment under which the step after `step` is computed."""
        self.cut(step)
        if experiment is self._last:
            return
        changed = _difference(to_config(self._last)["controls"], to_config(experiment)["controls"])
        if changed:
            self._events.append({"step": step, "controls": changed})
            self._before.append(self._last)
        self._last = experiment

    def cut(self, step: int) -> None:
        """Forget what was noted of the steps after `step`: the run is back there."""
        while self._events and self._events[-1]["step"] >= step:
            self._events.pop()
            self._last = self._before.pop()

    def events(self) -> list[dict[str, Any]]:
        """[{step, controls}], in order."""
        return list(self._events)

    def as_dict(self, state: State) -> dict[str, Any]:
        """The trace that ends in this state, JSON-able; it has the state's sha256, so that a replay can be checked."""
        stop = state.step
        return {
            "format": FORMAT,
            "versions": versions(),
            "machine": {
                "processor": platform.machine(),
                "system": platform.system(),
                "threads": torch.get_num_threads(),
            },
            "config": self._config,
            "seed": self._config["controls"]["seed"],
            "random": self._random,
            "dtype": self._dtype,
            "lanes": self._lanes,
            "engine": self._engine.as_dict() if self._engine else None,
            "start": self._start,
            "events": [event for event in self._events if event["step"] < stop],
            "stop": stop,
            "sha256": digest(state),
        }

    @classmethod
    def from_dict(cls, stored: Mapping[str, Any]) -> Trace:
        """Go on with a trace that `as_dict` wrote."""
        lanes, engine = settings_of(stored)
        trace = cls(*experiment_of(stored), None, lanes=lanes, engine=engine, random=stored.get("random"))
        trace._config, trace._start = stored["config"], stored["start"]
        for event in stored["events"]:
            trace._events.append(event)
            trace._before.append(trace._last)
            trace._last = trace._last.replace(**by_lane(event["controls"]))
        return trace


def _difference(before: Mapping[str, Any], after: Mapping[str, Any]) -> dict[str, Any]:
    """The controls that make `after` of `before`: of another target all, since it begins with values of its own."""
    other = before["target"] != after["target"]
    return {
        name: value
        for name, value in after.items()
        if before.get(name) != value or (other and name.startswith("target."))
    }


def experiment_of(trace: Mapping[str, Any]) -> tuple[Experiment, torch.dtype]:
    """(the experiment at the trace's start, its dtype). Raises ValueError with one line for what is no trace."""
    if not isinstance(trace, Mapping) or trace.get("format") != FORMAT:
        given = trace.get("format") if isinstance(trace, Mapping) else type(trace).__name__
        raise ValueError(f"this is no trace of the format {FORMAT!r} (given {given!r})")
    missing = [key for key in ("config", "seed", "start", "events", "stop") if key not in trace]
    if missing:
        raise ValueError(f"the trace lacks {', '.join(missing)}")
    dtype = checks.choice("the trace's dtype", trace.get("dtype", "float32"), list(DTYPES))
    return from_config(trace["config"]), DTYPES[dtype]


def settings_of(trace: Mapping[str, Any]) -> tuple[int | None, Engine | None]:
    """(its lanes, the engine that computed it), of a config.json, too; None for what it does not say."""
    engine = trace.get("engine")
    return trace.get("lanes"), None if engine is None else Engine.from_dict(engine)


class EventReplay:
    """Replays a trace's events: the experiment at every step, after all changes up to it. Steps are asked in order."""

    def __init__(self, experiment: Experiment, events: Sequence[Mapping[str, Any]] = ()) -> None:
        self._now, self._events = experiment, list(events)

    def until(self, step: int) -> float:
        """How many steps after `step` are made before the next change; infinite where there is none."""
        return next((event["step"] - step for event in self._events if event["step"] > step), math.inf)

    def at(self, step: int) -> Experiment:
        """The experiment under which the step after `step` is computed."""
        while self._events and self._events[0]["step"] <= step:
            self._now = self._now.replace(**by_lane(self._events.pop(0)["controls"]))
        return self._now
