"""Calls that take turns in short bursts: what else the machine does meets them all."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from functools import partial
from statistics import median
from typing import Any, NamedTuple, TypeVar

Advance = Callable[[int], object]  # does something n times
Timed = Callable[[int], float]  # does something n times and says how many seconds that took
Key = TypeVar("Key")

FEWEST = 3  # rounds, however little time there is


class Turns(NamedTuple):
    """How long, and how often, each takes its turn."""

    rounds: int = 21
    burst: float = 0.1  # s


def _seconds(now: Callable[[], float], advance: Advance, n: int) -> float:
    start = now()
    advance(n)
    return now() - start


def by_cpu(advance: Advance) -> Timed:
    """Seconds of CPU time of all threads of this process."""
    return partial(_seconds, time.process_time, advance)


def by_clock(advance: Advance) -> Timed:
    """Seconds on the clock."""
    return partial(_seconds, time.perf_counter, advance)


def times_in_a_burst(call: Timed, burst: float) -> int:
    """How many times fit into `burst` seconds, measured once they are warm."""
    call(1)
    once = call(1)
    warm = max(1, round(burst / max(once, 1e-6)))
    return max(1, round(burst * warm / max(call(warm), 1e-6)) if warm > 1 else 1)


def take_turns(
    calls: Mapping[Key, Timed], patience: float, turns: Turns, short: Mapping[Key, Timed] | None = None
) -> dict[Key, list[float]]:
    """Seconds of each call by round; `short` ones get a fiftieth of a burst.

    The rounds end after `patience` seconds on the clock, but there are at least FEWEST.
    """
    until = time.monotonic() + patience
    bursts = {name: turns.burst for name in calls} | {name: turns.burst / 50 for name in short or {}}
    every = {**calls, **(short or {})}
    counts = {name: times_in_a_burst(call, bursts[name]) for name, call in every.items()}
    times: dict[Key, list[float]] = {name: [] for name in every}
    for done in range(turns.rounds):
        if done >= FEWEST and time.monotonic() > until:
            break
        for name, call in every.items():
            times[name].append(call(counts[name]) / counts[name])
    return times


def compared(slow: list[float], fast: list[float], times: float = 1) -> dict[str, Any]:
    """slow / fast, times a number: the median, the lowest and the highest of the rounds."""
    ratios = [times * a / b for a, b in zip(slow, fast, strict=True)]
    return {"ratio": median(ratios), "low": min(ratios), "high": max(ratios), "pairs": len(ratios)}
