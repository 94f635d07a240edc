"""Measures that the training takes on a grid of steps, so that a curve is a function of configuration and seed."""

from __future__ import annotations

import threading
from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor

from gandyn.core.engine import step as take_step
from gandyn.core.experiment import Experiment
from gandyn.core.lanes import select_lane
from gandyn.core.rng import Rng
from gandyn.core.types import Rule, State
from gandyn.diagnosis.moment import DIRECTIONS, SAMPLES, of_modes
from gandyn.probes.inputs import generate
from gandyn.probes.measures import holding, measure
from gandyn.probes.reference import floor, modes_of
from gandyn.probes.signals import SIGNALS, last_batch, signals_of

PER_OCTAVE = 32  # readings while the number of steps doubles: a reading costs as much as ten steps of a preset
SPARSER = 4  # one reading in so many has the players' signals, too, which take as long as all else of it
FIRST = 1024  # readings that there is room for at first
#: what is read: modes covered, the share of samples near one, which mode has most of them and their share; where there
#: are no modes the sliced distance and its floor; f before and after the probe's look-ahead, where the rule has none of
#: its own; the players' signals at every fourth. NaN where there is none.
READ = ("covered", "hq", "top_mode", "top_share", "sw2", "sw2_floor", "f", "f_k", *SIGNALS)


def spacing(step: int, lanes: int = 1) -> int:
    """Steps between two readings near this step: 2^max(0, floor(log2(step / 32))), of several GANs twice that."""
    per_octave = PER_OCTAVE if lanes == 1 else PER_OCTAVE // 2
    return 1 << max(0, (step // per_octave).bit_length() - 1)


def until_reading(step: int, lanes: int = 1) -> int:
    """How many steps it is from `step` to the next at which there is a reading."""
    every = spacing(step + 1, lanes)
    return every - step % every


def probe_rule(rule: Rule, k: int) -> Rule:
    """A step in which the generator stands still and looks k updates ahead, and that nothing follows from."""
    return rule._replace(
        unroll=k, unroll_player="generator", unroll_order="first", freeze="generator", order="generator-first",
        critic_steps=1, generator_steps=1, update_rule="gradient",
    )  # fmt: skip


def probe_gaps(experiment: Experiment, state: State, seeds: Sequence[int], k: int) -> tuple[Tensor, Tensor]:
    """(f, f_k), [N] with lanes: core.dynamics.probe_gap of every lane on its own batch, all of them at once."""
    batch = last_batch(experiment, state, [Rng(seed, state.step) for seed in seeds])
    rule = probe_rule(experiment.rule, k)
    _, metrics = take_step(experiment.game, rule, state, [batch, batch], experiment.knobs)
    return metrics.f, metrics.f_k


def judge(experiment: Experiment, samples: Tensor) -> dict[str, float]:
    """Of READ what samples of one GAN tell; nothing where one is not finite."""
    if not bool(samples.isfinite().all()):
        return {}
    mixture = modes_of(experiment.target)
    if mixture is not None:
        return of_modes(holding(mixture, samples.cpu().double()), len(samples))
    values = measure(experiment.target, samples, projections=DIRECTIONS)
    return {"sw2": float(values["sw2"] or 0.0), "sw2_floor": floor(experiment.target, len(samples), DIRECTIONS)}


def read(experiment: Experiment, state: State, seeds: Sequence[int]) -> np.ndarray:
    """READ of a state [columns, N], N = 1 without lanes; of samples whose latents are a function of the seed alone."""
    values = np.full((len(READ), len(seeds)), np.nan)
    for i, seed in enumerate(seeds):
        one, single = (experiment, state) if state.g.ndim == 1 else select_lane(experiment, state, i)
        for name, value in judge(one, generate(one, single, SAMPLES, Rng(seed))).items():
            values[READ.index(name), i] = value
    if not experiment.rule.unroll_g:
        gaps = torch.stack(probe_gaps(experiment, state, seeds, experiment.probe_unroll)).double().cpu().numpy()
        values[[READ.index("f"), READ.index("f_k")]] = gaps.reshape(2, -1)
    if state.step % (SPARSER * spacing(state.step, len(seeds))) == 0:
        rngs = [Rng(seed, state.step) for seed in seeds]
        values[-len(SIGNALS) :] = signals_of(experiment, state, rngs).numpy().reshape(len(SIGNALS), -1)
    return values


class Readings:
    """The readings of a line of N runs in the order of their steps; appended by the thread that steps, read by any."""

    def __init__(self, runs: int = 1) -> None:
        self._lock = threading.Lock()
        self._count = 0
        self._steps = np.zeros(FIRST, np.int64)
        self._values = np.zeros((FIRST, len(READ), runs))

    def add(self, step: int, values: np.ndarray) -> None:
        """The next reading, [READ, N]."""
        with self._lock:
            if self._count == len(self._steps):
                self._steps = np.concatenate([self._steps, np.zeros_like(self._steps)])
                self._values = np.concatenate([self._values, np.zeros_like(self._values)])
            self._steps[self._count], self._values[self._count] = step, values
            self._count += 1

    def load(self, steps: np.ndarray, values: np.ndarray) -> None:
        """Replace them by what `until` returned once."""
        with self._lock:
            room = np.zeros(FIRST, np.int64)
            self._count = len(steps)
            self._steps = np.concatenate([steps, room])
            self._values = np.concatenate([values, np.zeros((FIRST, *values.shape[1:]))])

    def cut(self, step: int) -> None:
        """Forget those after `step`."""
        with self._lock:
            self._count = int(np.searchsorted(self._steps[: self._count], step, side="right"))

    def until(self, step: int) -> tuple[np.ndarray, np.ndarray]:
        """(steps [n], values [n, READ, N]) of those up to `step`, as copies."""
        with self._lock:
            count = int(np.searchsorted(self._steps[: self._count], step, side="right"))
            return self._steps[:count].copy(), self._values[:count].copy()
