"""GANs of one kind stepped together: each lane the run of its own seed and knobs."""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Iterator, Sequence
from itertools import pairwise

import torch

from gandyn.core.engine import engine_of, step
from gandyn.core.experiment import Experiment
from gandyn.core.fused.backend import Backend
from gandyn.core.lanes import stack
from gandyn.core.play import draw_lanes, init, play
from gandyn.core.rng import Rng
from gandyn.core.types import Knobs, Metrics, State

STEPS = 4  # that are timed, after one that is not; the shortest counts
WORTH = 0.95  # of the time a GAN takes: what more lanes must bring it down to
HOPELESS = 1.3  # times the least time so far: more lanes will not make that good


def walk(
    experiments: Sequence[Experiment],
    backend: Backend,
    device: str = "cpu",
    before: Sequence[Experiment] = (),
    warmup: int = 0,
) -> Iterator[tuple[State, Metrics]]:
    """(state, metrics) after every step, with a leading axis of a lane for each experiment, for ever.

    The experiments differ in seed and knobs alone. The first `warmup` steps are made under those of `before`. A single
    one is stepped as every single run is, to the same bits.
    """
    first = experiments[0]
    if len(experiments) == 1:
        state = init(first.game, first.seed, device=device)
        walking = play(first, lambda: before[0] if state.step < warmup else first, state, backend=backend)
        for state, metrics in walking:
            yield stack([state]), Metrics(*(value.unsqueeze(0) for value in metrics))
    now = _one(experiments, device)
    past = _one(before, device) if before else now
    state = stack([init(e.game, e.seed, device=device) for e in experiments])
    while True:
        made_by = past if state.step < warmup else now
        batches = draw_lanes(made_by, [Rng(e.seed, state.step) for e in experiments], state.g.dtype, device)
        state, metrics = step(made_by.game, made_by.rule, state, batches, made_by.knobs, backend)
        yield state, metrics


def _one(experiments: Sequence[Experiment], device: str) -> Experiment:
    """The experiment of all lanes."""
    return dataclasses.replace(experiments[0], knobs=_together([e.knobs for e in experiments], device))


def _together(knobs: Sequence[Knobs], device: str) -> Knobs:
    """A number where all lanes have the same, else a tensor [N]."""
    values = {name: [getattr(own, name) for own in knobs] for name in Knobs._fields}
    return Knobs(
        **{
            name: each[0] if len(set(each)) == 1 else torch.tensor(each, dtype=torch.float64, device=device)
            for name, each in values.items()
        }
    )


def fastest(experiment: Experiment, most: int, backend: Backend) -> int:
    """Which of 1, 2, 4, ... lanes, up to `most`, takes the least time a GAN on this machine.

    Small networks gain from company; large ones leave the cache. A few steps of each are timed.
    """
    if engine_of(experiment) == "reference":  # it takes lane by lane
        return 1
    best, least, lanes = 1, float("inf"), 1
    while lanes <= most:
        seconds = _seconds(experiment, lanes, backend)
        if seconds < WORTH * least:
            best, least = lanes, seconds
        elif seconds > HOPELESS * least:
            break
        lanes *= 2
    return best


def _seconds(experiment: Experiment, lanes: int, backend: Backend) -> float:
    """CPU time of a step of one GAN among so many."""
    steps = walk([dataclasses.replace(experiment, seed=seed) for seed in range(lanes)], backend)
    next(steps)
    ends = [time.thread_time()]
    for _ in range(STEPS):
        next(steps)
        ends.append(time.thread_time())
    return min(b - a for a, b in pairwise(ends)) / lanes
