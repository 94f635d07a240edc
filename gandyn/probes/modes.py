"""Which modes are held, and by how much of the generator."""

import numpy as np
from torch import Tensor

from gandyn.core.experiment import Experiment
from gandyn.core.rng import Rng
from gandyn.core.target import Target
from gandyn.core.types import State
from gandyn.probes import PROBES, Arrays, Probe
from gandyn.probes.inputs import generate
from gandyn.probes.measures import NEAR, Holding, holding
from gandyn.probes.reference import modes_of


def modes(experiment: Experiment, state: State, rng: Rng, *, n: int = 1000) -> Arrays:
    """The target's K distinct modes and what n generated samples do with them, by the definitions of `measure`.

    `centres` [K, dim] and `radius`, 3 sigma, 0-d or [K] where modes differ, in data units; `weights` [K], of the
    target; `covered` [K] bool, at least n / (4 K) samples within the radius; `shares` [K], of all samples those within
    3 sigma of any centre, by the nearest one: they sum to hq. K = 0 for targets without modes. Samples that are not
    finite are near to none.
    """
    return modes_of_samples(experiment.target, generate(experiment, state, n, rng))


def modes_of_samples(target: Target, samples: Tensor, counts: Holding | None = None) -> Arrays:
    """What these samples [n, dim] do with the target's modes; see `modes`.

    `counts`: what `holding` gave for them, where it was asked already.
    """
    mixture = modes_of(target)
    if mixture is None:
        none = np.empty(0)
        return {
            "centres": np.empty((0, *target.shape)),
            "radius": np.array(0.0),
            "weights": none,
            "covered": none.astype(bool),
            "shares": none,
        }
    counts = holding(mixture, samples.cpu().double()) if counts is None else counts
    return {
        "centres": mixture.centres.numpy(),
        "radius": np.asarray(NEAR * mixture.sigma),
        "weights": mixture.weights.numpy(),
        "covered": counts.covered.numpy(),
        "shares": (counts.by_nearest.double() / len(samples)).numpy(),
    }


PROBES.add(Probe("modes", "the target's modes, held or not", modes), rank=4)
