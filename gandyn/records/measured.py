"""How good the samples are while a run goes on: what probes add to its metrics."""

from __future__ import annotations

from typing import Any

from torch import Tensor

from gandyn.core.experiment import Experiment
from gandyn.core.rng import Rng
from gandyn.core.target import Target
from gandyn.core.types import State
from gandyn.diagnosis.moment import of_modes, signals_by_name
from gandyn.probes.inputs import generate
from gandyn.probes.measures import checked, holding, measure, measure_counted
from gandyn.probes.reference import modes_of
from gandyn.probes.sample_measures import MEASURES
from gandyn.probes.scorecard import N
from gandyn.records.digits.evaluation import watch
from gandyn.targets.mnist import Mnist

SAMPLES = 2500


def to_measure(now: Experiment, state: State) -> Tensor | None:
    """N samples for `all_measured`, on the CPU; None of digits, which have measures of their own."""
    return None if isinstance(now.target, Mnist) else generate(now, state, N, Rng(now.seed)).cpu()


def all_measured(target: Target, samples: Tensor | None) -> dict[str, Any]:
    """All of `gandyn.measures()` that apply to samples of this target; nothing of those that cannot be measured.

    What a perfect generator gets is in `probes.scorecard.sampling_floor`. N samples take some hundredths of a second.
    """
    try:
        values = {} if samples is None else measure(target, samples, full=True)
    except ValueError:
        return {}
    return {name: values[name] for name in MEASURES if name in values}


def measured(now: Experiment, state: State) -> dict[str, Any]:
    """The measures of points in the plane or on a line; of digits, `frechet`, `classes` and `confident`.

    Beside them what a diagnosis is made from: the mode with most samples, and the players' signals.
    """
    signals = signals_by_name(now, state)
    if isinstance(now.target, Mnist):
        return watch(now.target, now, state) | signals
    samples = checked(now.target, generate(now, state, SAMPLES, Rng(now.seed)))
    mixture = modes_of(now.target)
    counts = None if mixture is None else holding(mixture, samples)
    top = {} if counts is None else of_modes(counts, SAMPLES)
    leading = {name: top[name] for name in ("top_mode", "top_share") if name in top}
    return measure_counted(now.target, samples, counts) | leading | signals
