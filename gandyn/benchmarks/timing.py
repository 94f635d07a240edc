"""Calls that take turns in short bursts, timed by the CPU time they use: what else the machine does meets them all."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from statistics import median
from typing import Any, NamedTuple

Advance = Callable[[int], object]  # does something n times

FEWEST = 3  # rounds, however little time there is


class Turns(NamedTuple):
    """How long, and how often, each takes its turn."""

    rounds: int = 21
    burst: float = 0.1  # s of CPU


def seconds(advance: Advance, n: int) -> float:
    """CPU seconds of n times."""
    start = time.process_time()
    advance(n)
    return time.process_time() - start


def times_in_a_burst(advance: Advance, burst: float) -> int:
    """How many times fit into `burst` seconds, found once they are warm."""
    advance(1)
    once = seconds(advance, 1)
    warm = max(1, round(burst / max(once, 1e-6)))
    return max(1, round(burst * warm / max(seconds(advance, warm), 1e-6)) if warm > 1 else 1)


def take_turns(
    calls: Mapping[str, Advance], patience: float, turns: Turns, short: Mapping[str, Advance] | None = None
) -> dict[str, list[float]]:
    """CPU seconds of each call by round; `short` ones get a fiftieth of a burst.

    The rounds end after `patience` seconds on the clock, but there are at least FEWEST.
    """
    until = time.monotonic() + patience
    bursts = {name: turns.burst for name in calls} | {name: turns.burst / 50 for name in short or {}}
    every = {**calls, **(short or {})}
    counts = {name: times_in_a_burst(call, bursts[name]) for name, call in every.items()}
    found: dict[str, list[float]] = {name: [] for name in every}
    for done in range(turns.rounds):
        if done >= FEWEST and time.monotonic() > until:
            break
        for name, call in every.items():
            found[name].append(seconds(call, counts[name]) / counts[name])
    return found


def compared(slow: list[float], fast: list[float], times: float = 1) -> dict[str, Any]:
    """slow / fast, times a number: the median, the lowest and the highest of the rounds."""
    ratios = [times * a / b for a, b in zip(slow, fast, strict=True)]
    return {"ratio": median(ratios), "low": min(ratios), "high": max(ratios), "pairs": len(ratios)}
