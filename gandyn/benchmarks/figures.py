"""What is measured beside ratios: steps beside a busy Python thread, and the memory of many lanes."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from statistics import median
from typing import Any

from gandyn.benchmarks.lookahead import baseline
from gandyn.benchmarks.timing import FEWEST, Timed, Turns, by_clock
from gandyn.benchmarks.training import loop, steps
from gandyn.core.play import init
from gandyn.presets import PRESETS
from gandyn.records import strict_json as json

CLASSROOM = "collapse"
CALL = 100  # steps of a call, about what the laboratory makes
LONGER = 3  # than others' bursts, since threads take turns of 5 ms
KEPT, LARGEST = 0.5, 3.0  # wanted: the least share of its own rate, the largest multiple of the State


@contextmanager
def busy_thread() -> Iterator[None]:
    """A thread of this process that computes in Python all the time and never waits."""
    done = threading.Event()

    def run() -> None:
        while not done.is_set():
            pass

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join()


def _in_calls(advance: Callable[[int], object]) -> Callable[[int], object]:
    def forward(n: int) -> None:
        for begun in range(0, n, CALL):
            advance(min(CALL, n - begun))

    return forward


def _fitting(call: Timed, seconds: float) -> int:
    """How many steps take about so long; 1 where one takes longer."""
    n = 1
    while call(n) < seconds / 2:
        n *= 2
    return n


def beside_a_busy_thread(turns: Turns) -> list[dict[str, Any]]:
    """Steps per second on the clock, alone and beside such a thread, of gandyn and of the plain loop, in turn."""
    setting = PRESETS[CLASSROOM]
    contenders = {
        "gandyn": by_clock(_in_calls(steps(setting, None))),
        "plain": by_clock(loop(baseline(setting, init(setting.game, 0)))),
    }
    results = []
    for name, call in contenders.items():
        seconds = LONGER * turns.burst
        alone, beside, counts = [], [], [0, 0]
        for _ in range(max(FEWEST, turns.rounds // LONGER)):
            counts[0] = counts[0] or _fitting(call, seconds)
            alone.append(counts[0] / call(counts[0]))
            with busy_thread():
                counts[1] = counts[1] or _fitting(call, seconds)
                beside.append(counts[1] / call(counts[1]))
        share = median(b / a for a, b in zip(alone, beside, strict=True))
        wanted = KEPT if name == "gandyn" else None
        results.append({
            "name": f"steps/s of the classroom preset beside a busy Python thread, {name}",
            "alone": median(alone), "beside": median(beside),
            "value": share, "wanted": wanted, "reached": None if wanted is None else share >= wanted,
        })  # fmt: skip
    return results


def memory_of_lanes(turns: Turns) -> list[dict[str, Any]]:
    """The largest memory of a run with many lanes beyond that of the process before it, over the size of its State."""
    command = [sys.executable, "-m", "gandyn.benchmarks.memory", CLASSROOM]
    asked = subprocess.run(command, capture_output=True, text=True, check=False)
    if asked.returncode:
        raise ValueError(f"the memory of lanes was not measured: {(asked.stderr.strip().splitlines() or ['?'])[-1]}")
    sizes = json.loads(asked.stdout)
    value = sizes["peak"] / sizes["state"]
    return [{
        "name": f"memory of {sizes['lanes']:,} lanes over that of their State", **sizes, "value": value,
        "wanted": LARGEST, "reached": value <= LARGEST,
    }]  # fmt: skip


FIGURES: dict[str, Callable[[Turns], list[dict[str, Any]]]] = {
    "beside a busy Python thread": beside_a_busy_thread,
    "memory of lanes": memory_of_lanes,
}
