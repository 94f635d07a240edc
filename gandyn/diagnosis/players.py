"""What is wrong with a player, or looks so: a vanished gradient, weights at the clip, a slope that no penalty holds."""

import numpy as np

from gandyn.core.experiment import Experiment
from gandyn.core.penalty_set import members
from gandyn.diagnosis import SIGNS, Evidence, Sign
from gandyn.probes.short_number import short_number

VANISHED = 0.1  # of the largest gradient norm so far
LAST = 4  # readings that have to agree
SURE = 0.999  # the critic's AUC from which on it tells everything apart
MOST = 0.5  # share of the critic's weights at the clip
HOLDS_AT_1 = ("gradient-penalty", "one-sided")  # penalties that ask for a slope of 1 at the interpolates
SHALLOW, STEEP = 0.5, 2.0  # slopes there that show that it does not hold
SLOPE = ("objective", "penalty", "penalty_weight", "clip")  # controls on which the critic's slope depends
SEEN = 8  # readings of the critic's loss, all negative, of which the last half is compared with the first
GROWN = 1.5  # times what it was before


def _saturated(evidence: Evidence) -> str | None:
    """Silent where the samples have nearly arrived: then the gradient vanishes for that."""
    norms = evidence.under("grad_norm_g", "objective")
    auc = evidence.under("auc", "objective")
    if len(norms) < 2 * LAST or auc[-LAST:].min() < SURE:
        return None
    _, far = evidence.known("sw2")  # of targets without modes
    if len(far) and (evidence.measures.get("sw2") or 0) < VANISHED * far.max():
        return None
    share = float(np.median(norms[-LAST:]) / norms.max())  # a gradient that only swings has not vanished
    if share > VANISHED:
        return None
    left = f"{share:.0e}" if share else "nothing"
    return f"The critic has saturated (AUC {auc[-1]:.2f}): of the generator's gradient {left} is left."


def _clipped(evidence: Evidence) -> str | None:
    shares = evidence.under("at_clip", "clip")
    if not len(shares) or shares[-1] < MOST:
        return None
    clip = short_number(float(evidence.experiment.knobs.clip))
    return f"{shares[-1]:.0%} of the critic's weights sit at the clip of {clip}."


def _penalties(experiment: Experiment) -> set[str]:
    return {penalty.name for penalty in members(experiment.rule.penalty)}


def _is_clipped(experiment: Experiment) -> bool:
    return float(experiment.knobs.clip) > 0


def _is_trained(experiment: Experiment) -> bool:
    """Whether the critic moves."""
    return experiment.rule.freeze != "critic" and float(experiment.knobs.lr_d) > 0


def _slope(evidence: Evidence) -> str | None:
    """Silent where something else may hold the slope away from 1: a clip, another penalty, a critic that stands."""
    experiment, slopes = evidence.experiment, evidence.under("slope", *SLOPE)
    penalties = _penalties(experiment)
    if not len(slopes) or not penalties or penalties - set(HOLDS_AT_1):
        return None
    if _is_clipped(experiment) or not _is_trained(experiment):
        return None
    slope = slopes[-1]
    if not (slope > STEEP or (slope < SHALLOW and "gradient-penalty" in penalties)):
        return None
    return f"Gradient norm {slope:.2g} at the interpolates, not 1: the penalty is too weak."


def _wasserstein_sign(evidence: Evidence) -> str | None:
    """Silent where nothing bounds the critic's slope: then its loss estimates no distance."""
    experiment, slopes = evidence.experiment, evidence.under("slope", *SLOPE)
    held = _penalties(experiment) & {*HOLDS_AT_1, "spectral-normalisation"}
    bounded = _is_clipped(experiment) or (held and len(slopes) and slopes[-1] <= STEEP)
    steps, f = evidence.recent("f")
    f = f[steps > evidence.changed_at(*SLOPE)]
    if experiment.rule.objective != "wasserstein" or not bounded or len(f) < SEEN or f.max() >= 0:
        return None
    if f[-SEEN // 2 :].mean() > GROWN * f[: SEEN // 2].mean():
        return None
    loss = "critic's loss without the penalty" if _penalties(experiment) else "critic's loss"
    of = "W1 times the slope that the clip allows" if _is_clipped(experiment) else "W1"
    return f"The {loss} is {f[-1]:.2g} and falling: minus its estimate of {of}, which is no failure."


SIGNS.add(Sign("saturated", "players", _saturated, "gradient_norms"), rank=30)
SIGNS.add(Sign("clipped", "players", _clipped, "weights"), rank=31)
SIGNS.add(Sign("penalty-too-weak", "players", _slope, "gradient_norms"), rank=32)
SIGNS.add(Sign("wasserstein-sign", "players", _wasserstein_sign, "losses"), rank=33)
