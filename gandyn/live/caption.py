"""One sentence on what is happening now, from the measures alone."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from gandyn.timeline.readings import READ

COLLAPSED = 0.7  # of the samples near any mode, at one of them
NEAR_ANY = 0.1  # a smaller share of samples near a mode holds none
GOOD = 0.8  # share near a mode where all are covered
RECENT = 0.25  # of the steps so far: what "moving on" and "from" look back to
TWICE = 2.0  # the floor of the distance: nearer is as near as real samples are, about


def caption(measures: Mapping[str, Any], shares: np.ndarray, step: int, at: np.ndarray, rows: np.ndarray) -> str:
    """The sentence for one GAN at this step.

    `measures`: of its samples now, as gandyn.measure gives them, and `sw2_floor`; `shares` [K] of its samples by mode,
    those near any (empty without modes); `at` [n] and `rows` [n, READ]: its readings. Empty if nothing is measured.
    """
    if not measures:
        return ""
    if step == 0:
        return "Not trained yet: these are samples of the initial generator."
    recent = at >= (1 - RECENT) * step
    if len(shares):
        return _of_modes(measures, shares, at, rows, recent)
    return _of_distance(measures, at, rows[:, READ.index("sw2")], recent)


def _of_modes(
    measures: Mapping[str, Any], shares: np.ndarray, at: np.ndarray, rows: np.ndarray, recent: np.ndarray
) -> str:
    count, covered, hq = len(shares), int(measures["covered"]), float(measures["hq"])
    before = rows[:, READ.index("covered")]
    if hq < NEAR_ANY:
        where = "At no mode" if covered == 0 else "Between the modes"
        return f"{where}: {hq:.0%} of the samples are near one."
    top = int(shares.argmax())
    if count > 1 and shares[top] >= COLLAPSED * hq:
        tops, held = rows[:, READ.index("top_mode")], rows[:, READ.index("top_share")]
        alone = (held >= COLLAPSED * rows[:, READ.index("hq")]) & (held > NEAR_ANY)
        if len(others := np.flatnonzero(recent & alone & (tops != top))):
            last = others[-1]
            return f"Moving on: from mode {int(tops[last])} (step {at[last]:,}) to mode {top}."
        return f"Collapsed: {shares[top]:.0%} of the samples are at mode {top}, of {count}."
    if covered == count:
        worst = int(np.nanargmin(before)) if np.isfinite(before).any() else None
        if worst is not None and before[worst] <= count / 2 and _was_covering(before[:worst], before[worst]):
            return f"Healed: all {count} modes are covered; at step {at[worst]:,} it was {int(before[worst])}."
        if hq >= GOOD:
            return f"All {count} modes are covered, with {hq:.0%} of the samples near one."
        return f"All {count} modes are covered, not yet sharply: {hq:.0%} are near one."
    earlier = before[recent & np.isfinite(before)]
    if len(earlier) and covered > earlier.min():
        return f"Spreading: {covered} of {count} modes are covered, up from {int(earlier.min())}."
    if len(earlier) and covered < earlier.max():
        return f"Losing modes: {covered} of {count} are covered, down from {int(earlier.max())}."
    return f"{covered} of {count} modes are covered, with {hq:.0%} of the samples near one."


def _was_covering(before: np.ndarray, least: float) -> bool:
    """Whether more was covered before the least was."""
    return bool(len(before)) and bool(np.nanmax(before, initial=0.0) > least)


def _of_distance(measures: Mapping[str, Any], at: np.ndarray, before: np.ndarray, recent: np.ndarray) -> str:
    distance, floor = float(measures["sw2"]), float(measures["sw2_floor"])
    if distance <= TWICE * floor:
        return f"As near as real samples are to each other, about: distance {distance:.2g}."
    earlier = before[recent & np.isfinite(before)]
    if len(earlier) and distance < 0.9 * earlier[0]:
        return f"Coming nearer: distance {distance:.2g}, from {earlier[0]:.2g}."
    if len(earlier) and distance > 1.1 * earlier[0]:
        return f"Moving away: distance {distance:.2g}, from {earlier[0]:.2g}."
    return f"Distance {distance:.2g}, where real samples have {floor:.2g}."
