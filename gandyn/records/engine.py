"""What computes a run: resolved once, at step 0, from the configuration and what is installed, and stored with it."""

from __future__ import annotations

import logging
import platform
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

import numpy as np
import torch

from gandyn import __version__
from gandyn.core import checks, cuda, native
from gandyn.core.engine import resolve
from gandyn.core.experiment import Experiment
from gandyn.core.registry import brief
from gandyn.core.types import ENGINES
from gandyn.records.config import resolve_device
from gandyn.records.cores import cores

MOST_THREADS = 1024
MOST_NAMED = 8  # differences that a warning names

log = logging.getLogger(__name__)


class Engine(NamedTuple):
    """The engine of a run and all that the last bits of its numbers depend on; plain values, so that it is stored."""

    name: str  # native or autograd
    threads: int  # of torch
    description: Mapping[str, Any]  # versions, vector width and the like: see `description`

    def as_dict(self) -> dict[str, Any]:
        """JSON-able."""
        return {"name": self.name, "threads": self.threads, **self.description}

    @classmethod
    def from_dict(cls, stored: object) -> Engine:
        """What `as_dict` gave; ValueError with one line for anything else."""
        if not isinstance(stored, Mapping) or not {"name", "threads"} <= stored.keys():
            raise ValueError(f"the stored engine must hold a name and threads, not {brief(stored)}")
        rest = {name: value for name, value in stored.items() if name not in ("name", "threads")}
        name = checks.choice("the stored engine", stored["name"], [name for name in ENGINES if name != "auto"])
        return cls(name, checks.integer("threads", stored["threads"], 1, MOST_THREADS), rest)


def versions() -> dict[str, str]:
    """Of what takes part in a run."""
    return {
        "gandyn": __version__,
        "torch": torch.__version__,
        "numpy": np.__version__,
        "python": platform.python_version(),
    }


def description(name: str, device: str) -> dict[str, Any]:
    """What the last bits of an engine's numbers depend on, here: versions, and what the machine computes with."""
    fields: dict[str, Any] = {
        "versions": {package: version for package, version in versions().items() if package != "python"},
        "device": torch.cuda.get_device_name() if device == "cuda" else "cpu",
        "torch": torch.backends.cpu.get_cpu_capability(),
    }
    compiled = cuda if device == "cuda" else native
    return fields | ({"native": compiled.description()} if name == "native" else {})


def engine_of(experiment: Experiment, threads: int | None = None) -> Engine:
    """The engine of a run that begins here with this experiment; ValueError where the one asked for is not possible.

    `threads` of torch; default: as `threads_of` says.
    """
    device = resolve_device(experiment)
    name = resolve(experiment, device)
    return Engine(name, threads or threads_of(experiment), description(name, device))


def threads_of(experiment: Experiment) -> int:
    """How many of torch's threads a run takes where nobody says: 1 for perceptrons, all processors for convolutions."""
    nets = (experiment.game.generator, experiment.game.critic)
    return 1 if all(net.perceptron for net in nets) else min(cores(), MOST_THREADS)


def warn_of_differences(stored: Engine, here: Engine) -> None:
    """One line where something is not as it was on which the last bits depend."""
    if stored.name == here.name and (differing := _differences(stored.description, here.description)):
        more = f"; and {len(differing) - MOST_NAMED:,} more" if len(differing) > MOST_NAMED else ""
        log.warning("%s%s: the last bits may differ", "; ".join(differing[:MOST_NAMED]), more)


def engine_of_all(experiments: Iterable[Experiment]) -> Engine:
    """The engine of many runs: `native` if one of them is computed by it, with one of torch's threads each."""
    name = "autograd"
    for experiment in experiments:
        try:
            name = resolve(experiment, resolve_device(experiment))
        except ValueError:  # this one's row will say it
            continue
        if name == "native":
            break
    return Engine(name, 1, description(name, "cpu"))


def _differences(stored: Mapping[str, Any], here: Mapping[str, Any], prefix: str = "") -> list[str]:
    """What is not as it was, each as "NAME was A, here it is B"."""
    lines = []
    for name in dict.fromkeys([*stored, *here]):
        before, now = stored.get(name), here.get(name)
        if isinstance(before, Mapping) and isinstance(now, Mapping):
            lines += _differences(before, now, f"{prefix}{name}.")
        elif before != now:
            lines.append(f"{_plain(prefix + str(name))} was {_plain(before)}, here it is {_plain(now)}")
    return lines


def _plain(value: object) -> str:
    """What a file says, which may be anything, on one line, shortened; a text without its quotes."""
    return brief(value).removeprefix("'").removesuffix("'")
