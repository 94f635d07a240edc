"""All the GANs of a run with lanes at a glance: where each generator is, how each does, and which are lost."""

from __future__ import annotations

from typing import NamedTuple

from torch import Tensor

from gandyn.core.experiment import Experiment
from gandyn.core.lanes import sampling_params
from gandyn.core.reference import generate
from gandyn.core.rng import Rng
from gandyn.core.types import State
from gandyn.diagnosis.moment import SAMPLES
from gandyn.live.frame import Column, column
from gandyn.probes.inputs import latents
from gandyn.probes.window import columns
from gandyn.timeline.readings import judge

DOTS = 250  # in a small picture: 16 of them are 32 kB a frame


class Selection(NamedTuple):
    """Which lanes of a run a viewer has selected: the one on the stage, and whether all others are drawn beside it."""

    lane: int = 0
    many: bool = False


class Pictures:
    """The generated samples of every lane, at latents that stay: under one seed those that the stage shows."""

    def __init__(self) -> None:
        self._for: tuple[object, ...] = ()
        self._z: list[Tensor] = []

    def show(self, experiment: Experiment, state: State) -> tuple[list[Column], list[int | None]]:
        """The source `lanes`, x and y [N, DOTS], and the modes that each covers.

        Samples of a lane that is lost are not finite; it covers None, as where there are no modes.
        """
        count = len(state.g)
        key = (experiment.game.latent, experiment.seed, count)
        if key != self._for:
            self._for = key
            self._z = [latents(experiment, state, SAMPLES, Rng(experiment.seed + i)) for i in range(count)]
        theta, game = sampling_params(state, experiment.knobs), experiment.game
        clouds = [generate(game, parameters, z) for parameters, z in zip(theta, self._z, strict=True)]
        covered = [judge(experiment, cloud).get("covered") for cloud in clouds]
        places = [columns(cloud[:DOTS]) for cloud in clouds]
        return (
            [column("lanes", name, [points[k] for points in places]) for k, name in enumerate(("x", "y"))],
            [None if number is None else int(number) for number in covered],
        )
