"""What the views of choice cost the others, and how old they are: a part of `python -m benchmarks.app`."""

from __future__ import annotations

import time
from statistics import median
from typing import TYPE_CHECKING, Any

from gandyn.presets import preset
from gandyn.ui.studies import MOST, STUDIES

if TYPE_CHECKING:
    from benchmarks.parts import Bench

FREE = "steps_per_second=0"
PATIENCE = 30.0  # seconds until a view shows something
EVERY = 0.2  # seconds between two looks at the steps that are shown


def views(bench: Bench, rounds: int = 4, seconds: float = 8) -> dict[str, Any]:
    """Frames and steps a second with the two views of choice that cost most and without any, in turn; the age of each.

    Without a limit of the speed. An age is that of the state that a view shows, in seconds by the rate of the steps,
    looked at five times a second.
    """
    ages = {name: _ages(bench, [name], seconds / 2) for name in STUDIES if not STUDIES[name].unfit(preset("collapse"))}
    costly = sorted(ages, key=lambda name: max(ages[name]))[-MOST:]
    rates: dict[str, list[dict[str, float]]] = {"without": [], "with": []}
    together: list[float] = []
    for _ in range(rounds):
        for name, studies in (("without", []), ("with", costly)):
            _open(bench, studies)
            rates[name].append(bench.window(seconds))
        together += _ages(bench, costly, seconds / 2)
    figures: dict[str, Any] = {"views": costly, "others_cores": median(one["others_cores"] for one in rates["with"])}
    for what in ("frames_per_s", "steps_per_s"):
        pairs = [(one[what], other[what]) for one, other in zip(rates["without"], rates["with"], strict=True)]
        figures[what] = {
            "without": median(one for one, _ in pairs),
            "with": median(other for _, other in pairs),
            "lost_percent": 100 * (1 - median(other / one for one, other in pairs)),
        }
    figures["age_s"] = {"median": median(together), "worst": max(together)}
    figures["alone_s"] = {name: {"median": median(each), "worst": max(each)} for name, each in ages.items()}
    return figures


def _open(bench: Bench, studies: list[str]) -> None:
    bench.tab.open(f"{bench.server.url}?preset=collapse&{FREE}&views={','.join(studies)}")
    bench.rest(2)


def _ages(bench: Bench, studies: list[str], seconds: float) -> list[float]:
    """Ages of the states that these views show, in seconds."""
    _open(bench, studies)
    until = time.monotonic() + PATIENCE
    while len(_steps(bench)) < len(studies):
        if time.monotonic() > until:
            raise RuntimeError(f"{', '.join(studies)}: nothing is shown")
        bench.rest(EVERY)
    before = bench.tab.now()["step"]
    looks: list[tuple[int, list[int]]] = []
    for _ in range(int(seconds / EVERY)):
        bench.rest(EVERY)
        looks.append((bench.tab.now()["step"], _steps(bench)))
    rate = (looks[-1][0] - before) / (len(looks) * EVERY)
    return [(now - step) / rate for now, steps in looks for step in steps]


def _steps(bench: Bench) -> list[int]:
    """The steps of the states that the views show."""
    words = bench.tab.page.locator("section.study:visible span.step").all_inner_texts()
    return [int(one.removeprefix("step ").replace(",", "")) for one in words if one]
