"""Many sessions of one server: frames and steps of each, delays, memory, and what is left when all have gone.

    python -m benchmarks.soak [--sessions 1 4 10 20 30] [--seconds 20] [--json FILE] [--write]

A row for each number of sessions, which come within 5 seconds; half of them move a slider once a second.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import platform
import statistics
import time
from pathlib import Path
from typing import Any

import numpy as np
import psutil

from benchmarks.processes import Child, free_port
from benchmarks.sessions import Session
from gandyn.benchmarks.report import ROOT

COME = 5.0  # seconds within which all sessions come
SETTLE = 3.0  # seconds before the count begins
START = 15.0  # in which the server starts
GONE = 20.0  # seconds in which the server lets go of them
PAGE = ROOT / "docs/reliability.md"
BEGIN, END = "<!-- soak: begin -->", "<!-- soak: end -->"
COLUMNS = {
    "sessions": "sessions", "fps": "frames/s of each (least)", "steps": "steps/s of each (least)",
    "fair": "fairness", "delay": "slider -> frame, 95 %", "cpu": "CPU", "opened": "all open after",
    "rss": "MB", "left": "MB, threads after all have gone",
}  # fmt: skip


async def measured(address: str, server: psutil.Process, count: int, seconds: float) -> dict[str, Any]:
    """The row of so many sessions."""
    sessions = [Session(address) for _ in range(count)]
    begin = time.monotonic()

    async def come(session: Session, after: float) -> None:
        await asyncio.sleep(after)
        await session.open()

    await asyncio.gather(*(come(one, COME * i / count) for i, one in enumerate(sessions)))
    opened = time.monotonic() - begin
    await asyncio.sleep(SETTLE)
    for session in sessions:
        session.delays.clear()
    before, cpu, start = [(one.frames, one.step) for one in sessions], sum(server.cpu_times()[:2]), time.monotonic()
    second = 0
    while time.monotonic() - start < seconds:
        second += 1
        for session in sessions[::2]:
            await session.change(1e-4 * (1 + second % 7))
        await asyncio.sleep(1)
    wall = time.monotonic() - start
    frames = [(one.frames - was[0]) / wall for one, was in zip(sessions, before, strict=True)]
    steps = [(one.step - was[1]) / wall for one, was in zip(sessions, before, strict=True)]
    used = (sum(server.cpu_times()[:2]) - cpu) / wall
    rss = server.memory_info().rss / 2**20
    delays = [delay for one in sessions for delay in one.delays]
    for session in sessions:
        await session.close()
    await asyncio.sleep(GONE)
    return {
        "sessions": count,
        "fps": [statistics.median(frames), min(frames)],
        "steps": [statistics.median(steps), min(steps)],
        "fair": min(frames) / max(frames),
        "delay": float(np.quantile(delays, 0.95)) if delays else None,
        "cpu": used,
        "opened": opened,
        "rss": rss,
        "left": [server.memory_info().rss / 2**20, server.num_threads()],
    }


def in_words(row: dict[str, Any]) -> list[str]:
    """The cells of a row."""
    (fps, least_fps), (steps, least_steps), (left, threads) = row["fps"], row["steps"], row["left"]
    delay = "–" if row["delay"] is None else f"{1000 * row['delay']:.0f} ms"
    return [
        f"{row['sessions']}", f"{fps:.1f} ({least_fps:.1f})", f"{steps:.0f} ({least_steps:.0f})",
        f"{row['fair']:.2f}", delay, f"{row['cpu']:.2f}", f"{row['opened']:.1f} s", f"{row['rss']:.0f}",
        f"{left:.0f}, {threads}",
    ]  # fmt: skip


def table(rows: list[dict[str, Any]]) -> str:
    """All rows in Markdown."""
    lines = [list(COLUMNS.values()), ["---"] * len(COLUMNS), *map(in_words, rows)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def written(page: str, text: str) -> str:
    """The page with this text between its marks; ValueError where it has none."""
    before, begin, rest = page.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise ValueError(f"{PAGE} has no marks {BEGIN} and {END}")
    return f"{before}{BEGIN}\n\n{text}\n\n{END}{after}"


def main() -> None:
    """Measure, print, and write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sessions", type=int, nargs="+", default=[1, 4, 10, 20, 30])
    parser.add_argument("--seconds", type=float, default=20)
    parser.add_argument("--json", type=Path)
    parser.add_argument("--write", action="store_true", help="into docs/reliability.md")
    wanted = parser.parse_args()
    port = free_port()
    rows = []
    with Child("gandyn", "serve", "--port", str(port), asked=False) as server:
        time.sleep(START)
        for count in wanted.sessions:
            address, process = f"http://127.0.0.1:{port}", psutil.Process(server.pid)
            rows.append(asyncio.run(measured(address, process, count, wanted.seconds)))
            print(" | ".join(in_words(rows[-1])), flush=True)
    machine = f"{platform.processor() or platform.machine()}, {psutil.cpu_count()} cores; {time.strftime('%Y-%m-%d')}."
    text = f"{machine}\n\n{table(rows)}"
    if wanted.json:
        wanted.json.write_text(json.dumps({"machine": machine, "rows": rows}, indent=1))
    if wanted.write:
        PAGE.write_text(written(PAGE.read_text(), text))


if __name__ == "__main__":
    main()
