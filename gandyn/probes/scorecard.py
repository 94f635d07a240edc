"""All measures of samples at once, each beside what real samples of the same number get."""

from functools import lru_cache

import numpy as np

from gandyn.core.experiment import Experiment
from gandyn.core.rng import Rng
from gandyn.core.target import Target
from gandyn.core.types import State
from gandyn.probes import PROBES, Arrays, Probe
from gandyn.probes.inputs import generate
from gandyn.probes.measures import measure, or_nan
from gandyn.probes.reference import rivals
from gandyn.probes.sample_measures import MEASURES

N = 400  # samples: some hundredths of a second for all measures of the plane


@lru_cache(maxsize=4)
def sampling_floor(target: Target, n: int = N) -> dict[str, tuple[float, float]]:
    """(mean, standard deviation) by measure of the independent draws of n real samples of `rivals`, each measured.

    What is not defined at this n is left out. A deviation of 0, as of a recall that is always 1, is given as 1 / n.
    """
    draws = [measure(target, x, full=True) for x in rivals(target, n)]
    floors = {}
    for name in MEASURES:
        values = np.array([or_nan(draw.get(name)) for draw in draws])
        if np.isfinite(values).all():
            floors[name] = float(values.mean()), float(values.std(ddof=1)) or 1 / n
    return floors


def scorecard(experiment: Experiment, state: State, rng: Rng, *, n: int = N) -> Arrays:
    """All of `gandyn.measures()` of n generated samples that are defined for the target, as columns [m].

    `row`: minus the place of the measure in the registry, the first being on top; `value`; `real` and `deviation`: mean
    and standard deviation of the sampling floor, by `sampling_floor`; `excess`: how far the value is on the worse side
    of `real`, in deviations; `place`: that by `excess_on_axis`. 0-d: `n`, `worst`, the title of the measure of the
    largest excess. Raises ValueError for samples that cannot be measured.
    """
    target = experiment.target
    if target.shape not in ((1,), (2,)):
        raise ValueError("these measures are of samples on a line or in the plane")
    values = measure(target, generate(experiment, state, n, rng), full=True)
    floors = {name: floor for name, floor in sampling_floor(target, n).items() if np.isfinite(or_nan(values.get(name)))}
    rows = [row for row, name in enumerate(MEASURES) if name in floors]
    names = [list(MEASURES)[row] for row in rows]
    value = np.array([or_nan(values.get(name)) for name in names])
    real, deviation = np.array([floors[name] for name in names]).reshape(-1, 2).T
    excess = np.array([MEASURES[name].worse for name in names]) * (value - real) / deviation
    return {
        "row": -np.array(rows, float),
        "value": value,
        "real": real,
        "deviation": deviation,
        "excess": excess,
        "place": excess_on_axis(excess),
        "n": np.array(float(n)),
        "worst": np.array(MEASURES[names[int(excess.argmax())]].title if names else ""),
    }


def excess_on_axis(excess: np.ndarray) -> np.ndarray:
    """sign(x) log10(1 + |x|): as it is near 0, by decades far from it."""
    return np.sign(excess) * np.log10(1 + np.abs(excess))


PROBES.add(Probe("scorecard", "all measures of the samples, beside those of real ones", scorecard), rank=30)
