"""One report of all: the rows, one after another, and with what machine they were measured."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Mapping
from statistics import median
from typing import Any

import torch

from gandyn.benchmarks.arithmetic import products_of
from gandyn.benchmarks.gradients import errors
from gandyn.benchmarks.limit import distance, fastest
from gandyn.benchmarks.lookahead import baseline
from gandyn.benchmarks.others import LIBRARIES, installed
from gandyn.benchmarks.report import machine
from gandyn.benchmarks.rows import Row, rows
from gandyn.benchmarks.timing import Advance, Turns, compared, take_turns
from gandyn.core.engine import advance, resolve
from gandyn.core.experiment import Experiment
from gandyn.core.play import init, init_lanes

WHOLE = 180.0  # seconds on the clock for all rows; on a busy machine there are fewer rounds
TURNS = Turns()
SHARE, SHARE_GOAL = 0.60, 0.75  # of the limit


def _steps(setting: Experiment, lanes: int | None) -> Advance:
    """The steps of one GAN, or of so many at once, each with random numbers of its own."""
    state, engine = init_lanes(setting.game, 0, lanes), resolve(setting)

    def forward(n: int) -> None:
        nonlocal state
        state, _ = advance(setting, state, range(lanes or 1), n, engine)

    return forward


def _loop(plain: Any) -> Advance:
    def advance(n: int) -> None:
        for _ in range(n):
            plain.step(plain.draw_batches())

    return advance


def _draws(plain: Any) -> Advance:
    def advance(n: int) -> None:
        for _ in range(n):
            plain.draw_batches()

    return advance


def contenders(row: Row) -> dict[str, Advance]:
    """gandyn's steps, and those it is compared with, `row.other` first."""
    setting, state = row.setting, init(row.setting.game, 0)
    found = {"gandyn": _steps(setting, row.lanes)}
    if row.other != "plain":
        return found | {row.other: _loop(LIBRARIES[row.other](setting, state))}
    plain, shared = (baseline(setting, state, shared=how) for how in (False, True))
    return found | {"plain": _loop(plain), "shared": _loop(shared)}


def measure(name: str, row: Row, patience: float, turns: Turns) -> dict[str, Any]:
    """Steps per second of CPU of all, and the ratios, within about `patience` seconds."""
    about = {"name": name, "against": row.other, "wanted": row.wanted, "goal": row.goal}
    if row.other != "plain" and not installed(row.other):
        return about | {"gandyn": None, "other": None, "ratio": None, "reached": None, "note": "not installed"}
    lanes, calls = row.lanes or 1, contenders(row)
    products = products_of(row.setting) if row.limit else None
    short: dict[Any, Advance] = fastest(products) if products else {}
    if products:
        calls["draws"] = _draws(baseline(row.setting, init(row.setting.game, 0)))
    times = take_turns(calls, patience, turns, short)
    mine, other = times["gandyn"], times[row.other]
    found = about | {"gandyn": lanes / median(mine), "other": 1 / median(other), **compared(other, mine, lanes)}
    found["reached"] = None if row.wanted is None else found["ratio"] >= row.wanted
    if "shared" in times:
        found["shared"] = compared(times["shared"], mine, lanes) | {"rate": 1 / median(times["shared"])}
    if products:
        limit = distance(mine, times["draws"], {way: times[way] for way in short}, products)  # type: ignore[index]
        found["limit"] = limit | {"wanted": SHARE, "goal": SHARE_GOAL, "reached": limit["share"] >= SHARE}
    return found


def suite(
    chosen: Mapping[str, Row], turns: Turns = TURNS, tell: Callable[[str], object] = lambda text: None
) -> dict[str, Any]:
    """The measurement of these rows on one torch thread, JSON-able; `tell` is told what is measured next."""
    torch.set_num_threads(1)
    found: dict[str, Any] = {
        "machine": machine("torch"),
        "threads": 1,
        "rows": [],
        "gradient_errors": None,
        "load_after": None,
    }
    until = time.monotonic() + min(WHOLE, WHOLE * len(chosen) / len(rows()))
    for i, (name, row) in enumerate(chosen.items()):
        tell(f"{name} ({i + 1} of {len(chosen)})")
        patience = (until - time.monotonic()) / (len(chosen) - i)
        found["rows"].append(measure(name, row, patience, turns))
    found["load_after"] = round(os.getloadavg()[0], 1)
    if any(row.setting.rule.unroll == 5 and "notebook" in name for name, row in chosen.items()):
        found["gradient_errors"] = errors(rows()["notebook, look-ahead 5"].setting)
    return found


def to_stderr(text: str) -> None:
    print(f"measuring {text}", file=sys.stderr, flush=True)
