"""What `python -m benchmarks.app` measures: one function a figure, numbers in the units of their keys."""

from __future__ import annotations

import math
import random
import time
from collections.abc import Callable
from statistics import median
from typing import Any, NamedTuple

from playwright.sync_api import TimeoutError as Late

from benchmarks.browser import Tab
from benchmarks.processes import Child, Costs, Server
from benchmarks.views import views

SPEED, FREE = "steps_per_second", 0  # 0: no limit
CONTROL = "lr_d"
SETTLE = 1.5  # seconds between a change of what is measured and its measurement
Rows = list[dict[str, float]]


class Bench(NamedTuple):
    """The server, the page that is open, and the speed of its preset."""

    server: Server
    tab: Tab
    speed: float

    def pace(self, speed: float) -> None:
        """Set the limit of the steps per second, paused meanwhile, and wait for it to show."""
        if self.tab.now()["controls"][SPEED] != speed:
            self.tab.play(False)
            self.tab.set(SPEED, speed)
            self.tab.play(True)
        self.rest(SETTLE)

    def rest(self, seconds: float) -> None:
        self.tab.page.wait_for_timeout(1000 * seconds)

    def paces(self) -> dict[str, float]:
        return {"preset": self.speed, "free": FREE}

    def window(self, seconds: float) -> dict[str, float]:
        """Frames and steps a second, cores used, and what one frame and one step cost, over `seconds`."""
        before, page, noted, costs = self.tab.now(), self.tab.metrics(), self._noted(), Costs(self.server)
        self.rest(seconds)
        wall = time.monotonic() - costs.at
        after, page_after, noted_after, used = self.tab.now(), self.tab.metrics(), self._noted(), costs.since()
        if not after["playing"]:
            raise RuntimeError(f"the run stopped: {self.tab.page.locator('.notice').inner_text()}")
        painted = after["frames"] - before["frames"]
        steps = after["step"] - before["step"]
        figures = {"frames_per_s": painted / wall, "steps_per_s": steps / wall}
        for name in ("step", "frame"):
            count = max(1, noted_after[f"{name}s"] - noted[f"{name}s"])
            figures[f"{name}_ms"] = 1e3 * (noted_after[f"{name}_cpu"] - noted[f"{name}_cpu"]) / count
        figures["loop_ms"] = 1e3 * used["loop"] * wall / max(1, painted)
        for name in ("Task", "Script", "Layout", "RecalcStyle"):
            figures[f"page_{name.lower()}_ms"] = (
                1e3 * (page_after[f"{name}Duration"] - page[f"{name}Duration"]) / max(1, painted)
            )
        return figures | {f"{name}_cores": value for name, value in used.items()}

    def _noted(self) -> dict[str, Any]:
        return self.server.notes("thread")[-1]


def quantile(values: list[float], percent: int) -> float:
    """The smallest of the values that at least `percent` of 100 do not exceed."""
    if not values:
        return math.nan
    return sorted(values)[max(0, -(-percent * len(values) // 100) - 1)]


def medians(rows: Rows) -> dict[str, float]:
    return {name: median(row[name] for row in rows) for name in rows[0]}


def frames(bench: Bench, windows: int = 5, seconds: float = 10) -> dict[str, Any]:
    """New frames a second in the browser, at the preset's speed and without a limit, in turn."""
    rows: dict[str, Rows] = {name: [] for name in bench.paces()}
    for _ in range(windows):
        for name, speed in bench.paces().items():
            bench.pace(speed)
            rows[name].append(bench.window(seconds))
    spread = {name: [row["frames_per_s"] for row in figures] for name, figures in rows.items()}
    return {
        name: medians(figures) | {"low": min(spread[name]), "high": max(spread[name])} for name, figures in rows.items()
    }


def latency(bench: Bench, moves: int = 48) -> dict[str, Any]:
    """From a key on a slider to a training step that uses the new value, and to a painted frame of a later step.

    The slider moves one stop up and one down in turn, at irregular times, each after the last was seen.
    """
    page, chance = bench.tab.page, random.Random(0)
    slider = page.locator(f'[data-control="{CONTROL}"] input[type=range]')
    figures = {}
    for name, speed in bench.paces().items():
        bench.pace(speed)
        slider.focus()
        page.evaluate(f"Object.assign(window.benchmark, {{watched: {CONTROL!r}, moved: [], seen: []}})")
        costs = Costs(bench.server)
        for i in range(moves):
            value = bench.tab.now()["controls"][CONTROL]
            page.keyboard.press("ArrowLeft" if i % 2 else "ArrowRight")
            try:
                page.wait_for_function(f"window.gandyn.controls.{CONTROL} !== {value}", timeout=5000)
            except Late:
                continue  # counted below as missed
            bench.rest(chance.uniform(0.15, 0.45))
        noted = page.evaluate("window.benchmark")
        page.evaluate("window.benchmark.watched = null")
        used, visible = delays(noted["moved"], noted["seen"], bench.server.notes("controls"))
        figures[name] = {"moves": len(noted["moved"]), "missed": len(noted["moved"]) - len(visible)}
        figures[name] |= {f"used_{p}_ms": quantile(used, p) for p in (50, 95)}
        figures[name] |= {f"visible_{p}_ms": quantile(visible, p) for p in (50, 95)}
        figures[name]["others_cores"] = costs.since()["others"]
    return figures


def delays(
    moved: list[float], seen: list[dict[str, Any]], notes: list[dict[str, Any]]
) -> tuple[list[float], list[float]]:
    """Per move (ms since 1970): ms until a step with other controls, and until a frame of a later step was done."""
    used, visible = [], []
    for at, end in zip(moved, [*moved[1:], float("inf")], strict=True):
        note = next((note for note in notes if at <= 1e3 * note["began"] < end), None)
        if note is None:
            continue
        used.append(1e3 * note["began"] - at)
        value = note["controls"][CONTROL]
        effects = (
            one["done"] or one["at"]
            for one in seen
            if one["step"] > note["step"] and one["value"] == value and one["at"] > at
        )
        if (done := next(effects, None)) is not None:
            visible.append(done - at)
    return used, visible


def training(bench: Bench, rounds: int = 4, seconds: float = 6) -> dict[str, Any]:
    """Steps a second without a limit and with the page open, over those of the same preset without server and page."""
    alone: Rows = []
    watched: Rows = []
    bench.pace(FREE)
    with Child("benchmarks.headless") as headless:

        def measure_alone() -> None:
            bench.tab.play(False)
            bench.rest(SETTLE)
            headless.ask(seconds)
            bench.rest(seconds)
            alone.append(headless.answer(seconds + 30))
            bench.tab.play(True)
            bench.rest(SETTLE)

        measure_alone()
        for _ in range(rounds):
            watched.append(bench.window(seconds))
            measure_alone()
    rates = [row["steps"] / row["wall"] for row in alone]
    ratios = [row["steps_per_s"] / ((a + b) / 2) for row, a, b in zip(watched, rates[:-1], rates[1:], strict=True)]
    return {
        "ratio": median(ratios),
        "low": min(ratios),
        "high": max(ratios),
        "headless_steps_per_s": median(rates),
        "headless_cores": median(row["cpu"] / row["wall"] for row in alone),
        "headless_step_ms": median(1e3 * row["cpu"] / row["steps"] for row in alone),
        **medians(watched),
    }


def viewers(bench: Bench, count: int = 20, rounds: int = 4, seconds: float = 8) -> dict[str, Any]:
    """What `count` more viewers of the run cost the server, in % of a core; and what one more does."""
    bench.pace(bench.speed)
    alone: Rows = []
    rows: dict[str, Rows] = {"one": [], "all": []}
    for _ in range(rounds):
        alone.append(bench.window(seconds))
        for name, n in (("one", 1), ("all", count)):
            with Child("benchmarks.viewers", bench.tab.streams[-1], str(n)) as crowd:
                bench.rest(SETTLE)
                crowd.ask(seconds)
                row = bench.window(seconds)
                got = crowd.answer(seconds + 30)
            rows[name].append(row | {"sent_per_s": got["frames"] / seconds, "mb_per_s": got["bytes"] / 1e6 / seconds})
    alone.append(bench.window(seconds))
    figures: dict[str, Any] = {"count": count, "alone": medians(alone)}
    pairs = list(zip(alone[:-1], alone[1:], strict=True))
    for name, added in rows.items():
        figures[name] = medians(added)
        for part in ("server", "loop", "stepper"):
            key = f"{part}_cores"
            more = [row[key] - (a[key] + b[key]) / 2 for row, (a, b) in zip(added, pairs, strict=True)]
            figures[name][f"added_{part}_percent"] = 100 * median(more)
        figures[name]["send_ms"] = 10 * figures[name]["added_loop_percent"] / figures[name]["sent_per_s"]
    return figures


def memory(bench: Bench, minutes: float = 10, every: float = 5) -> dict[str, Any]:
    """The server's memory and the page's heap over so many minutes; what they grew after the first, in %."""
    bench.pace(bench.speed)
    start, step, costs, samples = time.monotonic(), bench.tab.now()["step"], Costs(bench.server), []
    while (passed := time.monotonic() - start) < 60 * minutes:
        samples.append((passed / 60, bench.server.rss(), bench.tab.heap()))
        bench.rest(every)
    figures: dict[str, Any] = {"minutes": minutes, "steps": bench.tab.now()["step"] - step}
    for i, name in enumerate(("server_rss", "page_heap"), 1):
        early = median(sample[i] for sample in samples if 1 <= sample[0] < 1.5 or minutes <= 1.5)
        late = median(sample[i] for sample in samples if sample[0] >= minutes - 0.5)
        most = max(sample[i] for sample in samples if sample[0] >= 1 or minutes <= 1.5)
        figures |= {f"{name}_mb": early, f"{name}_last_mb": late, f"{name}_most_percent": 100 * (most / early - 1)}
        figures[f"{name}_change_percent"] = 100 * (late / early - 1)
    figures["others_cores"] = costs.since()["others"]
    figures["samples"] = [[round(value, 2) for value in sample] for sample in samples]
    return figures


PARTS: dict[str, Callable[..., dict[str, Any]]] = {
    "frames": frames,
    "latency": latency,
    "training": training,
    "viewers": viewers,
    "views": views,
    "memory": memory,
}
