"""How exact the generator's gradient through the look-ahead is: against autograd in float64, from the same numbers."""

from __future__ import annotations

from dataclasses import replace
from statistics import median
from typing import Any

import torch
from torch import Tensor

from gandyn.benchmarks.lookahead import baseline
from gandyn.benchmarks.others import LIBRARIES, installed
from gandyn.core.engine import step
from gandyn.core.experiment import Experiment
from gandyn.core.optimizers.adam import adam_tf
from gandyn.core.play import draw_batches, init
from gandyn.core.rng import Rng
from gandyn.core.state import initial
from gandyn.core.trees import tree_map
from gandyn.core.types import Batch

SEEDS = 9


def by_gandyn(experiment: Experiment, dtype: torch.dtype, batches: list[Batch], engine: str) -> Tensor:
    """The gradient [P], in torch.nn's order: out of Adam's first moment, which was 0 before."""
    game, knobs = experiment.game, experiment.knobs
    g, d = init(game, experiment.seed, torch.float32)[:2]
    state = initial(game, g.to(dtype), d.to(dtype))
    cast = tree_map(lambda part: part.to(dtype), batches)
    moved, _ = step(game, experiment.rule._replace(engine=engine), state, cast, knobs)
    grad = moved.opt_g.m / (1 - knobs.beta1)
    return torch.cat([part.flatten() for part in game.generator.named(grad).values()])


def by_loop(loop: Any, batches: list[Batch]) -> Tensor:
    """The gradient [P] that a plain loop's step leaves."""
    loop.step(batches)
    return torch.cat([parameter.grad.flatten() for parameter in loop.g_parameters])


def _errors(experiment: Experiment) -> dict[str, float | None]:
    batches = draw_batches(experiment, Rng(experiment.seed))
    state = init(experiment.game, experiment.seed)

    def error(grad: Tensor, exact: Tensor) -> float:
        return float((grad.double() - exact).norm() / exact.norm())

    exact = by_gandyn(experiment, torch.float64, batches, "autograd")
    other = replace(experiment, game=experiment.game._replace(optimizer_g=adam_tf(), optimizer_d=adam_tf()))
    exact_tf = by_gandyn(other, torch.float64, batches, "autograd")
    each: dict[str, float | None] = {
        "gandyn, float64": error(by_gandyn(experiment, torch.float64, batches, "auto"), exact),
        "gandyn, float32": error(by_gandyn(experiment, torch.float32, batches, "auto"), exact),
        "plain, float32": error(by_loop(baseline(experiment, state), batches), exact),
    }
    for name, loop in LIBRARIES.items():
        there = by_loop(loop(experiment, state), batches) if installed(name) else None
        each[f"{name}, float32"] = None if there is None else error(there, exact_tf if name == "higher" else exact)
    return each


def errors(experiment: Experiment) -> dict[str, float | None]:
    """|grad - exact| / |exact| by what computed it; None for a library that is not installed.

    Exact is autograd in float64, with the optimiser's eps where that library has it. The median over the first steps of
    SEEDS runs: there Adam divides by roots of single squares, so that rounding counts most.
    """
    each = [_errors(experiment.replace(seed=seed)) for seed in range(SEEDS)]
    errors = {name: [one[name] for one in each] for name in each[0]}
    return {name: None if None in values else median(values) for name, values in errors.items()}  # type: ignore[type-var]
