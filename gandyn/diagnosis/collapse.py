"""Few modes, or little of the data, hold all samples: collapsed, or rotating from one to the next."""

import numpy as np

from gandyn.diagnosis import SIGNS, Evidence, Sign

NEAR_ANY = 0.3  # a smaller share of samples near a mode: they are not at any
FEW = 1 / 3  # of all modes, or of the data: so many hold the samples of a generator that has collapsed, at most
MOST = 0.6  # of the samples near a mode: so many are at the modes that are counted, at least
LEAST = 0.1  # share of samples near a mode below which no mode leads
LEADS = 0.5  # of the samples near any mode: the mode that has them is the one of that moment
WINDOW = 0.5  # of the steps so far, in which changes of that mode are counted
TURNS = 3  # changes from which on it rotates


def collapsed_to(evidence: Evidence) -> float | None:
    """The effective number of modes that hold the samples (moment.effective_modes), where it is small."""
    count, effective = len(evidence.shares), evidence.measures.get("effective_modes")
    if count < 2 or effective is None:
        return None
    return effective if effective <= max(1.5, FEW * count) else None


def turns(evidence: Evidence) -> tuple[int, int]:
    """(how often the leading mode changed lately, within how many steps)."""
    steps, modes = evidence.recent("top_mode", WINDOW)
    late = np.isin(evidence.at, steps)
    leads = evidence.past["top_share"][late] >= LEADS * np.maximum(evidence.past["hq"][late], LEAST)
    modes, steps = modes[leads], steps[leads]
    return int((np.diff(modes) != 0).sum()), int(evidence.step - steps[0]) if len(steps) else 0


def _rotating(evidence: Evidence) -> str | None:
    if not len(evidence.shares) or collapsed_to(evidence) is None or "top_mode" not in evidence.past:
        return None
    changes, within = turns(evidence)
    if changes < TURNS:
        return None
    return f"Rotating: the leading mode changed {changes} times in the last {within:,} steps."


def _collapsed(evidence: Evidence) -> str | None:
    if evidence.reached is not None and evidence.reached <= FEW:
        return f"Collapsed: the samples reach {evidence.reached:.0%} of the data."
    if (effective := collapsed_to(evidence)) is None:
        return None
    count, hq = len(evidence.shares), float(evidence.measures["hq"] or 0)
    held = np.sort(evidence.shares)[::-1].cumsum()
    needed = max(1, round(effective), int((held < MOST * held[-1]).sum()) + 1)
    if hq < NEAR_ANY:
        return f"Collapsed to one cloud, nearest to {needed} of {count} modes: {hq:.0%} of the samples are near one."
    return f"Collapsed to {needed} of {count} modes: {held[needed - 1]:.0%} of the samples are there."


SIGNS.add(Sign("rotating", "samples", _rotating, "shares"), rank=10)
SIGNS.add(Sign("collapsed", "samples", _collapsed, "shares"), rank=11)
