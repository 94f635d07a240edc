"""Few modes hold all samples: collapsed, or rotating from one to the next."""

import numpy as np

from gandyn.diagnosis import SIGNS, Evidence, Sign

NEAR_ANY = 0.3  # a smaller share of samples near a mode: they are not at any
HOLD = 0.9  # of the samples near any mode: that many are in the modes to which a generator has collapsed
FEW = 1 / 3  # of all modes, at most, rounded down, but at least one
LEADS = 0.5  # of the samples near any mode: the mode that has them is the one of that moment
WINDOW = 0.5  # of the steps so far, in which changes of that mode are counted
TURNS = 3  # changes from which on it rotates


def collapsed_to(evidence: Evidence) -> tuple[int, float] | None:
    """(to how many modes it has collapsed, the share of all samples in them), or None."""
    count, hq = len(evidence.shares), float(evidence.measures.get("hq") or 0)
    if count < 2 or hq < NEAR_ANY:
        return None
    held = np.sort(evidence.shares)[::-1].cumsum()
    needed = int(np.searchsorted(held, HOLD * hq)) + 1
    few = max(1, int(FEW * count))
    return (needed, float(held[needed - 1])) if needed <= few else None


def turns(evidence: Evidence) -> tuple[int, int]:
    """(how often the leading mode changed lately, within how many steps)."""
    steps, modes = evidence.recent("top_mode", WINDOW)
    late = np.isin(evidence.at, steps)
    leads = evidence.past["top_share"][late] >= LEADS * np.maximum(evidence.past["hq"][late], NEAR_ANY)
    modes, steps = modes[leads], steps[leads]
    return int((np.diff(modes) != 0).sum()), int(evidence.step - steps[0]) if len(steps) else 0


def _rotating(evidence: Evidence) -> str | None:
    if not len(evidence.shares) or collapsed_to(evidence) is None or "top_mode" not in evidence.past:
        return None
    changes, within = turns(evidence)
    if changes < TURNS:
        return None
    return f"Rotating: the mode that has most samples changed {changes} times in the last {within:,} steps."


def _collapsed(evidence: Evidence) -> str | None:
    if (found := collapsed_to(evidence)) is None:
        return None
    needed, share = found
    return f"Collapsed to {needed} of {len(evidence.shares)} modes: {share:.0%} of the samples are there."


SIGNS.add(Sign("rotating", "samples", _rotating, "shares"), rank=10)
SIGNS.add(Sign("collapsed", "samples", _collapsed, "shares"), rank=11)
