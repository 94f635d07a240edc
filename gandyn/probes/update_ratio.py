"""How large each player's updates are, in units of its weights."""

import numpy as np
from torch import Tensor

from gandyn.core.experiment import Experiment
from gandyn.core.lanes import is_finite
from gandyn.core.rng import Rng
from gandyn.core.types import State
from gandyn.probes import PROBES, Arrays, Probe
from gandyn.probes.ahead import affordable, ahead

STEPS = 150
USUAL = 1e-3  # Karpathy 2015


def update_to_weight(before: State, after: State) -> tuple[Tensor, Tensor]:
    """|change| / |parameters| of the generator and of the critic from one state to another: 0-d, or [N] with lanes.

    A step's, where the states are neighbours: about 1e-3 is usual (Karpathy 2015, CS231n). NaN where the parameters are
    0.
    """
    pairs = ((before.g, after.g), (before.d, after.d))
    g, d = ((new - old).norm(dim=-1) / old.norm(dim=-1) for old, new in pairs)
    return g, d


def update_ratio(experiment: Experiment, state: State, rng: Rng, *, steps: int = STEPS) -> Arrays:
    """`update_to_weight` of each of the next `steps`, or of as many as a view may take (`ahead`), in powers of ten.

    step [m]; generator, critic [m]: log10 of a step's |change| / |parameters|, NaN where either is 0.
    usual_step, usual [2]: USUAL beside them. 0-d: median_g, median_d, and `against`, the critic's by the generator's.
    A function of the experiment and the state: rng is not used.
    """
    states = ahead(experiment, state, affordable(experiment, steps))
    pairs = [update_to_weight(a, b) for a, b in zip(states, states[1:], strict=False)]
    ratios = np.array([[float(g), float(d)] for g, d in pairs])
    if not bool(is_finite(states[-1])):
        raise ValueError("some of the next steps are not finite")
    ratios[~((ratios > 0) & np.isfinite(ratios))] = np.nan
    median = [np.median(own[np.isfinite(own)]) if np.isfinite(own).any() else np.nan for own in ratios.T]
    log, step = np.log10(ratios), np.array([one.step for one in states[1:]], dtype=float)
    return {
        "step": step,
        "generator": log[:, 0],
        "critic": log[:, 1],
        "usual_step": step[[0, -1]],
        "usual": np.full(2, np.log10(USUAL)),
        "median_g": np.array(median[0]),
        "median_d": np.array(median[1]),
        "against": np.array(median[1] / median[0]),
    }


PROBES.add(Probe("update_ratio", "each player's next updates in units of its weights", update_ratio), rank=13)
