"""Samples that have left the stage, and with it the target."""

from gandyn.diagnosis import SIGNS, Evidence, Sign

MANY = 0.3  # of the samples: a wide cloud around the target has some beyond the stage, too


def _outside(evidence: Evidence) -> str | None:
    if evidence.outside < MANY:
        return None
    return f"Samples leave the window: {evidence.outside:.0%} are beyond it."


SIGNS.add(Sign("outside", "samples", _outside, "stage"), rank=1)
