"""What is wrong with a player, or looks so: a vanished gradient, weights at the clip, a slope that no penalty holds."""

import numpy as np

from gandyn.core.penalty_set import members
from gandyn.diagnosis import SIGNS, Evidence, Sign
from gandyn.probes.short_number import short_number

VANISHED = 0.1  # of the largest gradient norm so far
LAST = 4  # readings that have to agree
SURE = 0.999  # the critic's AUC from which on it tells everything apart
MOST = 0.5  # share of the critic's weights at the clip
HOLDS_AT_1 = ("gradient-penalty", "one-sided")  # penalties that ask for a slope of 1 at the interpolates
SHALLOW, STEEP = 0.5, 2.0  # slopes there that show that it does not hold
SEEN = 8  # readings of the critic's loss, all negative, of which the last half is compared with the first
GROWN = 1.5  # times what it was before


def _saturated(evidence: Evidence) -> str | None:
    _, norms = evidence.known("grad_norm_g")
    _, auc = evidence.known("auc")
    if len(norms) < 2 * LAST or auc[-LAST:].min() < SURE:
        return None
    share = float(np.median(norms[-LAST:]) / norms.max())  # a gradient that only swings has not vanished
    if share > VANISHED:
        return None
    left = f"{share:.0e}" if share else "nothing"
    return f"The critic has saturated (AUC {auc[-1]:.2f}): of the generator's gradient {left} is left."


def _clipped(evidence: Evidence) -> str | None:
    share = evidence.last("at_clip")
    if share is None or share < MOST:
        return None
    clip = short_number(float(evidence.experiment.knobs.clip))
    return f"{share:.0%} of the critic's weights sit at the clip of {clip}."


def _slope(evidence: Evidence) -> str | None:
    slope = evidence.last("slope")
    holding = {penalty.name for penalty in members(evidence.experiment.rule.penalty)} & set(HOLDS_AT_1)
    if slope is None or not holding:
        return None
    if not (slope > STEEP or (slope < SHALLOW and "gradient-penalty" in holding)):
        return None
    return f"Gradient norm {slope:.2g} at the interpolates, not 1: the penalty is too weak."


def _wasserstein_sign(evidence: Evidence) -> str | None:
    _, f = evidence.recent("f")
    if evidence.experiment.rule.objective != "wasserstein" or len(f) < SEEN or f.max() >= 0:
        return None
    if f[-SEEN // 2 :].mean() > GROWN * f[: SEEN // 2].mean():
        return None
    return f"The critic's loss is {f[-1]:.2g} and falling: minus its estimate of W1, which is no failure."


SIGNS.add(Sign("saturated", "players", _saturated, "gradient_norms"), rank=30)
SIGNS.add(Sign("clipped", "players", _clipped, "weights"), rank=31)
SIGNS.add(Sign("penalty-too-weak", "players", _slope, "gradient_norms"), rank=32)
SIGNS.add(Sign("wasserstein-sign", "players", _wasserstein_sign, "losses"), rank=33)
