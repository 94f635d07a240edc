"""One report of all: the rows, one after another, and with what machine they were measured."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Iterator, Mapping
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
from gandyn.core.engine import step
from gandyn.core.experiment import Experiment
from gandyn.core.fused.backend import choose
from gandyn.core.lanes import stack
from gandyn.core.play import draw_lanes, init, play
from gandyn.core.rng import Rng
from gandyn.core.types import State

WHOLE = 180.0  # seconds on the clock for all rows; on a busy machine there are fewer rounds
TURNS = Turns()
SHARE, SHARE_GOAL = 0.60, 0.75  # of the limit


def lanes_of(setting: Experiment, lanes: int) -> Iterator[State]:
    """The states of a run of that many GANs, each with random numbers of its own."""
    state = stack([init(setting.game, seed) for seed in range(lanes)])
    while True:
        batches = draw_lanes(setting, [Rng(seed, state.step) for seed in range(lanes)])
        state, _ = step(setting.game, setting.rule, state, batches, setting.knobs)
        yield state


def _advance(steps: Iterator[Any]) -> Advance:
    def advance(n: int) -> None:
        for _ in range(n):
            next(steps)

    return advance


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
    ours = play(setting) if row.lanes is None else lanes_of(setting, row.lanes)
    found = {"gandyn": _advance(ours)}
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
        "backend": choose().as_dict(),
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
