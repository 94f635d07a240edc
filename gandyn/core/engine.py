"""The step by the engine that fits."""

from __future__ import annotations

from collections.abc import Sequence

from gandyn.core import dynamics
from gandyn.core.experiment import Experiment
from gandyn.core.fused.backend import Backend
from gandyn.core.types import Batch, Game, Knobs, Metrics, Rule, State


def engine_of(experiment: Experiment) -> str:
    """What computes its steps."""
    return "reference"


def step(
    game: Game, rule: Rule, state: State, batches: Sequence[Batch], knobs: Knobs, backend: Backend | None = None
) -> tuple[State, Metrics]:
    """One step, as dynamics.step says what it is."""
    return dynamics.step(game, rule, state, batches, knobs)
