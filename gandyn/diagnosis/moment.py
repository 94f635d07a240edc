"""The evidence of a moment: what is measured of a state, and what was read on the way to it. Registers no sign."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any, NamedTuple

import numpy as np
import torch
from torch import Tensor

from gandyn.core.experiment import Experiment
from gandyn.core.rng import Rng
from gandyn.core.target import Target
from gandyn.core.types import State
from gandyn.diagnosis import Evidence
from gandyn.probes import Arrays
from gandyn.probes.divergence import outside
from gandyn.probes.inputs import generate
from gandyn.probes.measures import Holding, Measures, checked, holding, measure_counted, or_nan
from gandyn.probes.modes import modes_of_samples
from gandyn.probes.reached import reached
from gandyn.probes.reference import floor, modes_of
from gandyn.probes.signals import SIGNALS, signals_of
from gandyn.probes.window import half_width

SAMPLES = 1000  # those that the stage shows
DIRECTIONS = 64  # of the sliced distance
EXPECTED = 5  # real samples at the lightest mode, of as many as are shown, from which on a mode can be called empty
OF_SAMPLES = ("covered", "hq", "top_mode", "top_share", "sw2")  # what a reading holds of the samples


def of_modes(counts: Holding, n: int) -> dict[str, float]:
    """Of a reading what the counts of n samples at the target's modes tell."""
    top = int(counts.by_nearest.argmax())
    return {
        "covered": float(counts.covered.sum()),
        "hq": counts.share_near,
        "top_mode": float(top),
        "top_share": float(counts.by_nearest[top]) / n,
    }


def signals_by_name(experiment: Experiment, state: State) -> dict[str, float]:
    """SIGNALS of a state of one GAN, on a batch of its seed and step, those that there are."""
    values = signals_of(experiment, state, [Rng(experiment.seed, state.step)]).tolist()
    return {name: value for name, value in zip(SIGNALS, values, strict=True) if np.isfinite(value)}


def evidence(
    experiment: Experiment,
    state: State,
    readings: Sequence[Mapping[str, Any]],
    changed: Mapping[str, int] = MappingProxyType({}),
) -> Evidence:
    """The evidence at a state of one GAN.

    `readings`: rows with `step` and what was read there, by name, in order. `changed`: see Evidence.
    """
    names = (*OF_SAMPLES, "f", *SIGNALS)
    at = np.array([row["step"] for row in readings], np.int64)
    past = {name: np.array([or_nan(row.get(name)) for row in readings], np.float64) for name in names}
    samples = generate(experiment, state, SAMPLES, Rng(experiment.seed))
    target, empty = experiment.target, np.empty(0)
    if target.shape not in ((1,), (2,)) or not bool(samples.isfinite().all()):
        return Evidence(experiment, state.step, {}, empty, at, past, changed=changed)
    return of_samples(experiment, state.step, judged(target, samples, half_width(target)), at, past, changed)


class Judged(NamedTuple):
    """Samples [n, 1 or 2] on a stage [-window, window]^2, and all that is measured of them for signs and frames."""

    samples: Tensor
    window: float
    measures: Measures  # by `quick_measures`
    modes: Arrays  # by the probe `modes`
    outside: list[int]  # how many lie beyond each edge of the stage


def judged(target: Target, samples: Tensor, window: float) -> Judged:
    """What is measured of samples, their counts at the target's modes being made once."""
    mixture = modes_of(target)
    counts = None if mixture is None else holding(mixture, samples.cpu().double())
    measures, modes = quick_measures(target, samples, counts), modes_of_samples(target, samples, counts)
    return Judged(samples, window, measures, modes, outside(samples, window))


def of_samples(
    experiment: Experiment,
    step: int,
    of: Judged,
    at: np.ndarray,
    past: Mapping[str, np.ndarray],
    changed: Mapping[str, int] = MappingProxyType({}),
) -> Evidence:
    """The evidence at a step, of its samples and the readings so far; see Evidence."""
    share_outside, reach = sum(of.outside) / len(of.samples), reached(experiment.target, of.samples, of.window)
    return Evidence(experiment, step, of.measures, of.modes["shares"], at, past, share_outside, reach, changed)


def quick_measures(target: Target, samples: Tensor, counts: Holding | None) -> Measures:
    """`gandyn.measure` of samples whose counts at the target's modes are known, and what signs need, in milliseconds.

    `sw2_floor`: the sliced distance of as many real samples. `effective_modes`, where there are modes: see below.
    Nothing where they cannot be measured: of infinite ones, or of some beyond 1e300.
    """
    try:
        values = measure_counted(target, checked(target, samples), counts, projections=DIRECTIONS)
    except ValueError:
        return {}
    values["sw2_floor"] = floor(target, len(samples), DIRECTIONS)
    if counts is not None and (mixture := modes_of(target)) is not None:
        values["effective_modes"] = effective_modes(counts.all_by_nearest, mixture.weights)
    return {name: value if value is None or np.isfinite(value) else None for name, value in values.items()}


def effective_modes(counts: Tensor, weights: Tensor) -> float | None:
    """exp(H(q)): how many of K modes hold the samples, for their counts [K] by nearest centre and the modes' weights.

    q_k is proportional to min(p_k / w_k, K), p the shares of the samples and w those of the data: K for perfect samples
    whatever the weights, 1 where one mode has all of them, and exp(H(p)) where the weights are equal. None where fewer
    than EXPECTED real samples would be at a mode: chance empties it.
    """
    n = int(counts.sum())
    if not n or n * float(weights.min()) < EXPECTED:
        return None
    ratio = (counts.double() / n / weights).clamp(max=len(weights))  # a light mode with too many hides no other
    q = ratio / ratio.sum()
    return float(torch.special.entr(q).sum().exp())
