"""What a person may choose in the laboratory, beside the controls of an experiment."""

from __future__ import annotations

from typing import Any

from gandyn.core.cost import step_cost
from gandyn.core.experiment import Experiment
from gandyn.core.registry import brief
from gandyn.core.rng import MAX_SEED
from gandyn.presets import PRESETS
from gandyn.ui.server.limits import limits

DEFAULT_PRESET = "collapse"
LANES = (1, 4, 9, 16)  # GANs at once: squares
RATES = 37e9, 175e9  # operations a second of one thread, as measured: the slowest and the fastest settings
SLOW = 3e9  # operations of a step from which on a person is told beforehand


def listed_presets() -> list[str]:
    """The presets that the laboratory shows: those of points in the plane or on a line."""
    return [
        name
        for name, experiment in PRESETS.items()
        if len(experiment.target.shape) == 1 and experiment.target.shape[0] <= 2
    ]


def checked_lanes(lanes: Any, experiment: Experiment) -> int:
    """A number of GANs at once, for which there are seeds from the experiment's on and whose step is within the
    server's limits; ValueError with one line.
    """
    if lanes not in LANES:
        raise ValueError(f"lanes must be one of {', '.join(map(str, LANES))}, not {brief(lanes)}")
    if experiment.seed > MAX_SEED + 1 - lanes:
        raise ValueError(f"seed must be at most {MAX_SEED + 1 - lanes} for {lanes} GANs, not {experiment.seed}")
    check_affordable(experiment, int(lanes))
    return int(lanes)


def check_affordable(experiment: Experiment, lanes: int = 1) -> None:
    """ValueError with one line that names the limit of this server that a training step would exceed."""
    most, batch = limits(), experiment.rule.batch_size
    if lanes > most.max_lanes:
        raise ValueError(f"lanes must be at most {most.max_lanes} on this server, not {lanes}")
    if batch > most.max_batch:
        raise ValueError(f"batch_size must be at most {most.max_batch:,} on this server, not {batch:,}")
    cost = step_cost(experiment, lanes)
    smaller = "set a smaller batch_size, k or network"
    if cost.operations > 1e6 * most.max_operations:
        raise ValueError(
            f"a step would take {cost.operations / 1e6:,.0f} million operations, "
            f"and this server allows {most.max_operations:,}: {smaller}"
        )
    if cost.megabytes > most.max_step_memory:
        raise ValueError(
            f"a step would take {cost.megabytes:,.0f} MB, and this server allows {most.max_step_memory:,}: {smaller}"
        )


def slow(experiment: Experiment, lanes: int = 1) -> str | None:
    """The line that says beforehand that each step takes long; None where none does, or its preset's do, too."""
    operations, preset = step_cost(experiment, lanes).operations, PRESETS.get(experiment.name)
    if operations < SLOW or (preset is not None and operations <= step_cost(preset).operations):
        return None
    least, most = (operations / rate for rate in reversed(RATES))
    return f"A step of this takes {operations / 1e6:,.0f} million operations: {least:.1g} to {most:.1g} s each."
