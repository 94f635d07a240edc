"""One report of all: the rows, one after another, the figures, and with what machine they were measured."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable
from contextlib import ExitStack
from statistics import median
from typing import Any

from gandyn.benchmarks import jax_process
from gandyn.benchmarks.arithmetic import products_of
from gandyn.benchmarks.figures import FIGURES
from gandyn.benchmarks.gradients import errors
from gandyn.benchmarks.limit import NORMALS, distance, normals
from gandyn.benchmarks.lookahead import baseline
from gandyn.benchmarks.others import LIBRARIES, installed
from gandyn.benchmarks.products import fastest, openblas_on_one_thread
from gandyn.benchmarks.report import machine
from gandyn.benchmarks.rows import Choice, Row, rows
from gandyn.benchmarks.timing import Timed, Turns, by_clock, by_cpu, compared, take_turns
from gandyn.benchmarks.training import loop, steps, threads
from gandyn.core.native import INSTALLED
from gandyn.core.play import init, init_lanes

WHOLE = 240.0  # seconds on the clock for all rows; on a busy machine there are fewer rounds
TURNS = Turns()


def missing(row: Row, jax: str | None) -> str | None:
    """Why this row cannot be measured here, or None."""
    if row.other in LIBRARIES:
        return None if installed(row.other) else "not installed"
    if row.other == "JAX":
        return None if jax else "not installed"
    if row.other == "one core" and (os.cpu_count() or 1) < 2:
        return "there is one core"
    return None


def contenders(row: Row, jax: str | None, stack: ExitStack) -> dict[str, Timed]:
    """gandyn's steps, and those it is compared with, `row.other` first; processes end with the stack."""
    setting, state = row.setting, init(row.setting.game, 0)
    if row.other == "one core":  # one on each of two uses as much CPU time: only the clock shows it
        two, one = (by_clock(steps(setting, row.lanes, cores)) for cores in (2, 1))
        return {"gandyn": two, row.other: one}
    calls = {"gandyn": by_cpu(steps(setting, row.lanes))}
    if row.other in LIBRARIES:
        return calls | {row.other: by_cpu(loop(LIBRARIES[row.other](setting, state)))}
    if row.other == "JAX":
        assert jax is not None
        process = stack.enter_context(jax_process.JaxProcess(jax, setting, row.lanes))
        process.check()
        start = init_lanes(setting.game, 0, row.lanes)
        process.prepare((start.g, start.d))
        return calls | {row.other: process.seconds}
    plain, shared = (baseline(setting, state, shared=how) for how in (False, True))
    return calls | {"plain": by_cpu(loop(plain)), "shared": by_cpu(loop(shared))}


def measure(name: str, row: Row, patience: float, turns: Turns, jax: str | None = None) -> dict[str, Any]:
    """Steps per second of all, and the ratios, within about `patience` seconds.

    Of CPU time; on the clock where two cores are compared with one.
    """
    about = {"name": name, "against": row.other, "wanted": row.wanted, "goal": row.goal}
    reason = missing(row, jax)
    if reason:
        return about | {"gandyn": None, "other": None, "ratio": None, "reached": None, "note": reason}
    products = products_of(row.setting) if row.limit else None
    with ExitStack() as stack:
        calls: dict[Any, Timed] = {**contenders(row, jax, stack)}
        openblas = stack.enter_context(openblas_on_one_thread())
        short: dict[Any, Timed] = {**fastest(list(products), openblas)} if products else {}
        ways = list(short)
        if products:
            short[NORMALS] = normals(row.setting)
        times = take_turns(calls, patience, turns, short)
    both = 1 if row.other in ("JAX", "one core") else row.lanes or 1  # how many GANs more gandyn moves than the other
    mine, other = times["gandyn"], times[row.other]
    lanes = row.lanes or 1
    result = about | {
        "gandyn": lanes / median(mine), "other": lanes / both / median(other), **compared(other, mine, both),
    }  # fmt: skip
    result["reached"] = None if row.wanted is None else result["ratio"] >= row.wanted
    if "shared" in times:
        result["shared"] = compared(times["shared"], mine, lanes) | {"rate": 1 / median(times["shared"])}
    if products:
        limit = distance(mine, times[NORMALS], {way: times[way] for way in ways}, products)
        result["limit"] = limit | {"wanted": row.limit, "goal": None, "reached": limit["share"] >= row.limit}
    return result


def suite(
    chosen: Choice,
    turns: Turns = TURNS,
    tell: Callable[[str], object] = lambda text: None,
    jax: str | None = None,
) -> dict[str, Any]:
    """The measurement of these rows and figures on one torch thread, JSON-able; `tell` is told what comes next.

    jax: a Python that has it. ValueError with one line where it has not, or where a part cannot be measured.
    """
    packages = ["torch", *(["numba"] if INSTALLED else [])]
    described = machine(*packages) | ({"jax": jax_process.version(jax)} if jax else {})
    results: dict[str, Any] = {"machine": described, "threads": 1, "rows": [], "figures": [], "gradient_errors": None}
    count = len(chosen.rows) + len(chosen.figures)
    until = time.monotonic() + min(WHOLE, WHOLE * len(chosen.rows) / len(rows()))
    with threads(1):
        for i, (name, row) in enumerate(chosen.rows.items()):
            tell(f"{name} ({i + 1} of {count})")
            patience = (until - time.monotonic()) / (len(chosen.rows) - i)
            results["rows"].append(measure(name, row, patience, turns, jax))
        for i, name in enumerate(chosen.figures, len(chosen.rows)):
            tell(f"{name} ({i + 1} of {count})")
            results["figures"] += FIGURES[name](turns)
        results["load_after"] = round(os.getloadavg()[0], 1)
        if any(row.setting.rule.unroll == 5 and "notebook" in name for name, row in chosen.rows.items()):
            results["gradient_errors"] = errors(rows()["notebook, look-ahead 5"].setting)
    return results


def to_stderr(text: str) -> None:
    """Say what is measured now, beside the report on stdout."""
    print(f"measuring {text}", file=sys.stderr, flush=True)
