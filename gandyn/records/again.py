"""What computes a recorded run when it goes on or is done again: the engine that is stored with it."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any, NamedTuple

from gandyn.core.engine import unsupported_reason
from gandyn.core.experiment import Experiment
from gandyn.core.types import Rule
from gandyn.records.config import resolve_device
from gandyn.records.engine import Engine, description, engine_of, warn_of_differences
from gandyn.records.numbers import check_numbers
from gandyn.records.trace import changes

log = logging.getLogger(__name__)
Record = dict[str, Any]  # a trace, or the config.json of a run


class Again(NamedTuple):
    """A record as it can be done again here."""

    record: Record
    engine: Engine


def again(record: Mapping[str, Any], experiment: Experiment, *, anyway: bool = False) -> Again:
    """The record of a run that begins with `experiment`, and the engine with which it goes on or is done again here.

    One that was made with other random numbers is refused (ValueError); `anyway` does it under the new ones. The engine
    is the stored one, never resolved anew. Where it is not available, or none is stored, ValueError with one
    line; `anyway`: then the record without the engines that it names, the engine that fits here, and a warning that the
    last bits may differ. A warning, too, where versions or the vector width differ.
    """
    if not anyway:
        check_numbers(record, "this run", "--anyway (anyway=True) does it under the new ones")
    stored = None if record.get("engine") is None else Engine.from_dict(record["engine"])
    reason = _missing(record, stored, experiment)
    if reason is not None:
        if not anyway:
            raise ValueError(f"{reason}; with --anyway (anyway=True) the engine that is here computes it")
        here = engine_of(experiment.replace(engine="auto"), None if stored is None else stored.threads)
        log.warning("%s: here engine %r computes it, and the last bits may differ", reason, here.name)
        return Again(without_engine(record) | {"engine": here.as_dict()}, here)
    assert stored is not None
    here = stored._replace(description=description(stored.name, resolve_device(experiment)))
    warn_of_differences(stored, here)
    return Again(dict(record), here)


def as_before(stored: Engine | None, experiment: Experiment, threads: int | None = None) -> Engine:
    """The engine of a new run with the configuration of an old one: its own where the new one can have it.

    A warning where the last bits may differ from the old run's.
    """
    if stored is None:
        return engine_of(experiment, threads)
    here = engine_of(experiment, threads or stored.threads)
    if here.name != stored.name and experiment.rule.engine == "auto" and stored.name == "autograd":
        here = Engine(stored.name, here.threads, description(stored.name, resolve_device(experiment)))
    if here.name != stored.name:
        log.warning("engine %r computed it, here %r does: the last bits may differ", stored.name, here.name)
    warn_of_differences(stored, here)
    return here


def _missing(record: Mapping[str, Any], stored: Engine | None, experiment: Experiment) -> str | None:
    """Why it cannot be computed here as it was, or None."""
    if stored is None:
        return "it does not say which engine computed it"
    device, game = resolve_device(experiment), experiment.game
    reason = unsupported_reason(game, experiment.rule, device) if stored.name == "native" else None
    if any(controls.get("engine") == "native" for _, controls in changes(record.get("events", []))):
        reason = reason or unsupported_reason(game, Rule(), device)
    return None if reason is None else f"engine 'native' computed it, but {reason}"


def without_engine(record: Mapping[str, Any]) -> Record:
    """The same with `engine=auto` wherever it names one."""
    free = dict(record)
    if "config" in record:
        free["config"] = without_engine(record["config"])
    if "controls" in record:
        free["controls"] = {**record["controls"], "engine": "auto"}
    if "events" in record:
        free["events"] = [
            {**event, "controls": event["controls"] | ({"engine": "auto"} if "engine" in event["controls"] else {})}
            for event in record["events"]
        ]
    return free
