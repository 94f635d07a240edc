"""GANs of one kind stepped together: each lane the run of its own seed and knobs."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Sequence

import torch

from gandyn.core.experiment import Experiment
from gandyn.core.lanes import stack
from gandyn.core.penalties import PENALTIES
from gandyn.core.penalty_set import weight_of
from gandyn.core.play import init
from gandyn.core.types import Knobs, Metrics, State
from gandyn.records.engine import Engine
from gandyn.timeline.timeline import Timeline


def walk(
    experiments: Sequence[Experiment],
    stops: Sequence[int],
    engine: str,
    device: str = "cpu",
    before: Sequence[Experiment] = (),
    warmup: int = 0,
) -> Iterator[tuple[State, Metrics]]:
    """(state, the last step's metrics) at each of the steps `stops` in turn, with a leading axis of a lane for each
    experiment.

    The experiments differ in seed and knobs alone. The first `warmup` steps are made under those of `before`. A single
    one is stepped as every single run is, to the same bits. `engine`: of the sweep, see core.engine.engine_at.
    """
    single = len(experiments) == 1
    seeds = [e.seed for e in experiments]
    states = [init(e.game, e.seed, device=device) for e in experiments]
    how = {"state": states[0] if single else stack(states), "lanes": None if single else len(states), "seeds": seeds}
    now = _one(experiments, device)
    first = _one(before, device) if before and warmup else now
    timeline = Timeline(first, **how, engine=Engine(engine, 1, {}), budget=0)
    metrics: Metrics | None = None
    for stop in stops:
        for wanted, end in ((first, min(stop, warmup)), (now, stop)):
            timeline.want(wanted)
            while timeline.step < end:
                metrics = timeline.take(end - timeline.step).metrics
        assert metrics is not None  # the first stop is beyond step 0
        last = Metrics(*(value[-1] for value in metrics))
        state = timeline.state
        yield (stack([state]), Metrics(*(value.unsqueeze(0) for value in last))) if single else (state, last)


def _one(experiments: Sequence[Experiment], device: str) -> Experiment:
    """The experiment of all lanes."""
    return dataclasses.replace(experiments[0], knobs=_together([e.knobs for e in experiments], device))


def _together(knobs: Sequence[Knobs], device: str) -> Knobs:
    """A number where all lanes have the same, else a tensor [N]."""
    own = dict.fromkeys(name for lane in knobs for name, _ in lane.weights)
    # Where a penalty has a weight of its own in one lane, it has one in all: in another that which it has there anyway.
    every = [
        lane._replace(weights={name: weight_of(PENALTIES[name], lane) for name in own}).numbers() for lane in knobs
    ]
    values = {name: [numbers[name] for numbers in every] for name in every[0]}
    return Knobs.of(
        {
            name: each[0] if len(set(each)) == 1 else torch.tensor(each, dtype=torch.float64, device=device)
            for name, each in values.items()
        }
    )


def most_lanes(experiment: Experiment, most: int) -> int:
    """How many GANs of this kind are stepped together where nobody says: all that may be, if they are perceptrons.

    Convolutions go one by one: their own batch fills the machine.
    """
    return most if experiment.game.generator.perceptron and experiment.game.critic.perceptron else 1
