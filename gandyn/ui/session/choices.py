"""What a person may choose in the laboratory, beside the controls of an experiment."""

from __future__ import annotations

from typing import Any

from gandyn.core.experiment import Experiment
from gandyn.core.registry import brief
from gandyn.core.rng import MAX_SEED
from gandyn.presets import PRESETS

DEFAULT_PRESET = "collapse"
MAX_SPEED = 100_000.0
LANES = (1, 4, 9, 16)  # GANs at once: squares


def listed_presets() -> list[str]:
    """The presets that the laboratory shows: those of points in the plane or on a line."""
    return [
        name
        for name, experiment in PRESETS.items()
        if len(experiment.target.shape) == 1 and experiment.target.shape[0] <= 2
    ]


def checked_lanes(lanes: Any, experiment: Experiment) -> int:
    """A number of GANs at once, for which there are seeds from the experiment's on; ValueError with one line."""
    if lanes not in LANES:
        raise ValueError(f"lanes must be one of {', '.join(map(str, LANES))}, not {brief(lanes)}")
    if experiment.seed > MAX_SEED + 1 - lanes:
        raise ValueError(f"seed must be at most {MAX_SEED + 1 - lanes} for {lanes} GANs, not {experiment.seed}")
    return int(lanes)
