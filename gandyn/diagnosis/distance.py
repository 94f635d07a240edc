"""Whether the samples come nearer, where there are no modes to count."""

from gandyn.diagnosis import SIGNS, Evidence, Sign

CHANGED = 0.1  # of the distance, from which on it comes nearer or moves away


def _distance(evidence: Evidence) -> str | None:
    sw2, floor = evidence.measures.get("sw2"), evidence.measures.get("sw2_floor")
    if len(evidence.shares) or sw2 is None or floor is None:
        return None
    _, before = evidence.recent("sw2")
    if len(before) and sw2 < (1 - CHANGED) * before[0]:
        return f"Coming nearer: distance {sw2:.2g}, from {before[0]:.2g}."
    if len(before) and sw2 > (1 + CHANGED) * before[0]:
        return f"Moving away: distance {sw2:.2g}, from {before[0]:.2g}."
    return f"Distance {sw2:.2g}, where as many real samples have {floor:.2g}."


SIGNS.add(Sign("distance", "samples", _distance, "distance"), rank=20)
