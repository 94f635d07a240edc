"""The step by the engine that fits: by hand for multilayer perceptrons, in autograd for everything else."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import nullcontext

from gandyn.core import dynamics
from gandyn.core.experiment import Experiment
from gandyn.core.fused.backend import Backend, choose
from gandyn.core.fused.graphs import graph_step
from gandyn.core.fused.products import flagged
from gandyn.core.fused.step import step as fused_step
from gandyn.core.fused.step import why_not
from gandyn.core.lanes import lane_by_lane
from gandyn.core.types import Batch, Game, Knobs, Metrics, Rule, State


def engine_of(experiment: Experiment) -> str:
    """What computes its steps: fused or reference."""
    fused = experiment.rule.engine != "reference" and why_not(experiment.game, experiment.rule, ()) is None
    return "fused" if fused else "reference"


def step(
    game: Game, rule: Rule, state: State, batches: Sequence[Batch], knobs: Knobs, backend: Backend | None = None
) -> tuple[State, Metrics]:
    """One step, as dynamics.step says what it is, by the engine that `rule.engine` names.

    `auto` takes the fused one wherever it applies, and autograd with the same libraries elsewhere; `reference` is
    autograd with torch's own. A state with a leading axis of N lanes takes batches with one, too, and numbers among the
    knobs may be tensors [N]. `backend` says which libraries (default: what is fastest here). Raises ValueError if the
    fused engine is asked for where it does not apply.
    """
    backend = backend or choose()
    if rule.engine != "reference":
        reason = why_not(game, rule, batches)
        if reason is None:
            stepped = graph_step if state.g.is_cuda else fused_step
            return stepped(game, rule, state, batches, knobs, backend)
        if rule.engine == "fused":
            raise ValueError(f"engine 'fused' cannot take this step: {reason}; use engine 'auto'")
    with flagged() if backend.flag and rule.engine == "auto" else nullcontext():
        if state.g.ndim == 1:
            return dynamics.step(game, rule, state, batches, knobs)
        return lane_by_lane(dynamics.step, game, rule, state, batches, knobs)
