"""Batches for the stepping loop, drawn for many steps at once and ahead of them. No number depends on how many."""

from __future__ import annotations

import math
from collections.abc import Sequence

import torch

from gandyn.core.experiment import Experiment
from gandyn.core.penalty_set import is_noisy, members
from gandyn.core.play import Where, draw_steps
from gandyn.core.trees import tree_map
from gandyn.core.types import Batch

CHUNK = {"cpu": 8e6, "cuda": 2.0**30}  # bytes that are drawn at once, at most: for a CPU's caches, for one launch
AHEAD = {"cpu": 8e6, "cuda": 2.0**26}  # bytes that are drawn ahead of who makes a few steps a call
GROWTH = 4  # times the last drawing, for who goes on: who stops at once has little drawn in vain


class Batches:
    """The batches of a loop's steps. One that makes a few steps a call keeps this, for what was drawn ahead.

    A drawing gives the interpreter's lock away several times, and beside a busy thread each time takes milliseconds.
    """

    def __init__(self) -> None:
        self._key: object = None  # what decides about the numbers but the step
        self._first, self._count = 0, 0  # steps that were drawn
        self._drawn: Batch | None = None

    def next(
        self,
        experiment: Experiment,
        seeds: Sequence[int],
        first_step: int,
        steps: int,
        dtype: torch.dtype,
        device: Where,
        lanes: bool,
        latents: bool,
    ) -> Batch:
        """Those of play.draw_steps of the next steps: of as many of `steps` as may be drawn at once."""
        kind, bytes_of_step = torch.device(device).type, _numbers(experiment, latents) * len(seeds) * dtype.itemsize
        most, most_ahead = (max(1, int(limit[kind] / bytes_of_step)) for limit in (CHUNK, AHEAD))
        steps = min(steps, most)
        if steps >= most_ahead:
            self._drawn = None
            return draw_steps(experiment, seeds, first_step, steps, dtype, device, lanes, latents)
        key = (experiment.target, experiment.game.latent, experiment.rule, tuple(seeds), dtype, device, lanes, latents)
        begins = self._first <= first_step <= self._first + self._count and key == self._key
        if self._drawn is None or not begins or first_step + steps > self._first + self._count:
            count = max(steps, min(GROWTH * self._count, most_ahead)) if self._drawn and begins else steps
            self._drawn = None  # before others are drawn
            self._drawn = draw_steps(experiment, seeds, first_step, count, dtype, device, lanes, latents)
            self._key, self._first, self._count = key, first_step, count
        start = first_step - self._first
        return tree_map(lambda part: part[start : start + steps], self._drawn)


def _numbers(experiment: Experiment, latents: bool) -> int:
    """How many random numbers of a step of one GAN are drawn before it, about."""
    rule = experiment.rule
    sample = math.prod(experiment.target.shape) * (2 if is_noisy(rule.penalty) else 1)
    shape, size = experiment.target.shape, experiment.game.latent.size
    own = sum(math.prod(one.draw.shape(shape, size)) for one in members(rule.penalty) if one.draw is not None)
    count = 1 if rule.at_once else sum(rule.updates)
    return count * rule.batch_size * (sample + own + latents * size + 1)
