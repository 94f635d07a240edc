"""How many modes are covered, and where that is going."""

import numpy as np

from gandyn.diagnosis import SIGNS, Evidence, Sign
from gandyn.diagnosis.collapse import NEAR_ANY

GOOD = 0.8  # share near a mode where all are covered
FLOOR = 1.5  # times the distance that as many real samples have: nearer cannot be told from real


def _between(evidence: Evidence) -> str | None:
    hq = evidence.measures.get("hq")
    if hq is None or hq >= NEAR_ANY:
        return None
    where = "At no mode" if not evidence.measures["covered"] else "Between the modes"
    return f"{where}: {hq:.0%} of the samples are near one."


def _holds_all(evidence: Evidence) -> bool:
    """Whether all modes are covered, or nearly evenly held: a light one may have less than `covered` asks for."""
    count, effective = len(evidence.shares), float(evidence.measures.get("effective_modes") or 0)
    return evidence.measures.get("covered", 0) == count or effective >= GOOD * count


def _at_floor(evidence: Evidence) -> str | None:
    sw2, floor = evidence.measures.get("sw2"), evidence.measures.get("sw2_floor")
    all_covered = _holds_all(evidence)
    sharp = not len(evidence.shares) or float(evidence.measures["hq"] or 0) >= GOOD
    if sw2 is None or floor is None or sw2 > FLOOR * floor or not all_covered or not sharp:
        return None
    return f"At the sampling floor: sliced distance {sw2:.2g}, where as many real samples have {floor:.2g}."


def _all(count: int) -> str:
    return "the one mode is" if count == 1 else f"all {count} modes are"


def _healed(evidence: Evidence) -> str | None:
    count, (steps, before) = len(evidence.shares), evidence.known("covered")
    if not count or evidence.measures["covered"] != count or not len(before):
        return None
    ill = _when_ill(evidence, steps, before)
    if ill is None:
        return None
    return f"Healed: {_all(count)} covered; at step {steps[ill]:,} it was {int(before[ill])}."


def _when_ill(evidence: Evidence, steps: np.ndarray, before: np.ndarray) -> int | None:
    """The reading of half of the modes or less, before a live change or after all of them; None if there is none."""
    half = len(evidence.shares) / 2
    treated = [int(i) for i in np.searchsorted(steps, sorted(evidence.changed.values()), side="right") - 1 if i >= 0]
    if ill := [i for i in treated if before[i] <= half]:
        return ill[-1]
    well = np.flatnonzero(before == len(evidence.shares))
    if not len(well):
        return None
    worst = int(well[0] + before[well[0] :].argmin())
    return worst if before[worst] <= half else None


def _covered_lately(evidence: Evidence) -> tuple[int, int] | None:
    """(the least, the most modes covered lately); None where all are covered now, or there is nothing to compare."""
    count, (_, before) = len(evidence.shares), evidence.recent("covered")
    if not count or evidence.measures.get("covered") in (None, count) or not len(before):
        return None
    return int(before.min()), int(before.max())


def _spreading(evidence: Evidence) -> str | None:
    covered, lately = int(evidence.measures.get("covered") or 0), _covered_lately(evidence)
    if lately is None or not (covered > lately[0] and covered >= lately[1]):
        return None
    return f"Spreading: {covered} of {len(evidence.shares)} modes are covered, up from {lately[0]}."


def _losing(evidence: Evidence) -> str | None:
    covered, lately = int(evidence.measures.get("covered") or 0), _covered_lately(evidence)
    if lately is None or not (covered < lately[1] and covered <= lately[0]):
        return None
    return f"Losing modes: {covered} of {len(evidence.shares)} are covered, down from {lately[1]}."


def _covered(evidence: Evidence) -> str | None:
    """A plain statement of fact: what there is to say where nothing else is going on."""
    if not (count := len(evidence.shares)):
        return None
    covered, hq = evidence.measures["covered"], float(evidence.measures["hq"] or 0)
    if covered == count:
        how = "with {:.0%} of the samples near one" if hq >= GOOD else "not yet sharply: {:.0%} are near one"
        every = _all(count)
        return f"{every[0].upper()}{every[1:]} covered, {how.format(hq)}."
    return f"{covered} of {count} modes are covered, with {hq:.0%} of the samples near one."


SIGNS.add(Sign("between", "samples", _between, "stage"), rank=12)
SIGNS.add(Sign("at-floor", "samples", _at_floor, "distance"), rank=13)
SIGNS.add(Sign("healed", "samples", _healed, "coverage"), rank=14)
SIGNS.add(Sign("spreading", "samples", _spreading, "coverage"), rank=15)
SIGNS.add(Sign("losing", "samples", _losing, "coverage"), rank=16)
SIGNS.add(Sign("coverage", "samples", _covered, "coverage"), rank=17)
