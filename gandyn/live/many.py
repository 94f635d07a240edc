"""All the GANs of a run with lanes at a glance: where each generator is, how each does, and which are lost."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from torch import Tensor

from gandyn.core.engine import step
from gandyn.core.experiment import Experiment
from gandyn.core.lanes import generate, sampling_params
from gandyn.core.play import draw_lanes
from gandyn.core.rng import Rng
from gandyn.core.types import State
from gandyn.live.frame import Column, column
from gandyn.probes.inputs import generate as generate_one
from gandyn.probes.inputs import latents
from gandyn.probes.measures import holding, measure
from gandyn.probes.reference import modes_of
from gandyn.probes.window import columns

SHOWN = 1000  # samples on the stage; a small picture shows the first of them
DOTS = 250  # in a small picture: 16 of them are 32 kB a frame


class Pictures:
    """The generated samples of every lane, at latents that stay: under one seed those that the stage shows."""

    def __init__(self) -> None:
        self._for: tuple[object, ...] = ()
        self._z: list[Tensor] = []

    def show(self, experiment: Experiment, state: State) -> list[Column]:
        """The source `lanes`: x and y [N, DOTS]; those of a lane that is lost are not finite."""
        count = len(state.g)
        key = (experiment.game.latent, experiment.seed, count)
        if key != self._for:
            self._for = key
            self._z = [latents(experiment, state, SHOWN, Rng(experiment.seed + i))[:DOTS] for i in range(count)]
        theta, game = sampling_params(state, experiment.knobs), experiment.game
        clouds = [columns(generate(game, parameters, z)) for parameters, z in zip(theta, self._z, strict=True)]
        return [column("lanes", name, [points[k] for points in clouds]) for k, name in enumerate(("x", "y"))]


def judged(experiment: Experiment, state: State, rng: Rng, n: int, directions: int, *, whole: bool) -> dict[str, Any]:
    """The measures of n samples of one GAN; `covered` and `hq` alone, where there are modes, unless `whole`.

    Nothing where a sample is not finite.
    """
    samples = generate_one(experiment, state, n, rng)
    if not bool(samples.isfinite().all()):
        return {}
    mixture = modes_of(experiment.target)
    if whole or mixture is None:
        return dict(measure(experiment.target, samples, projections=directions))
    counts = holding(mixture, samples.cpu().double())
    return {"covered": int(counts.covered.sum()), "hq": counts.share_near}


def probe_gaps(experiment: Experiment, state: State, seeds: Sequence[int], k: int) -> tuple[Tensor, Tensor]:
    """(f [N], f_k [N]): core.dynamics.probe_gap of every lane on its own batch, all of them at once.

    It is what a step reports in which the generator stands still and looks ahead first, and that nothing follows from.
    """
    rule = experiment.rule._replace(
        unroll=k, unroll_order="first", freeze="generator", order="generator-first", critic_steps=1, generator_steps=1
    )
    rngs = [Rng(seed, state.step) for seed in seeds]
    batch = draw_lanes(experiment, rngs, state.g.dtype, state.g.device)[-1]
    _, metrics = step(experiment.game, rule, state, [batch, batch], experiment.knobs)
    return metrics.f, metrics.f_k
