"""The tables of docs/classroom.md, from the rows that scripts/classroom.py has finished."""

import os
import platform
from collections.abc import Iterable
from pathlib import Path
from statistics import mean
from typing import Any

import torch

BEGIN, END = "<!-- classroom: begin -->", "<!-- classroom: end -->"

Row = dict[str, Any]
Rows = dict[tuple[str, int], Row]


def machine() -> str:
    """The processor, its cores, and the versions: one line."""
    cpu = Path("/proc/cpuinfo")
    names = (
        [x.split(":")[1].strip() for x in cpu.read_text().splitlines() if x.startswith("model name")]
        if cpu.exists()
        else []
    )
    processor = names[0] if names else platform.processor() or platform.machine()
    versions = f"Python {platform.python_version()}, PyTorch {torch.__version__}"
    return f"{processor}, one of {os.cpu_count()} cores, {platform.system()}, {versions}, float32"


def table(head: Iterable[str], lines: Iterable[Iterable[object]]) -> str:
    """A table in Markdown."""
    head = list(head)
    body = ["| " + " | ".join(map(str, line)) + " |" for line in lines]
    return "\n".join(["| " + " | ".join(head) + " |", "|" + "---|" * len(head), *body])


def reached(row: Row | None) -> str:
    """When covered came to 7, and the fewest at the 10 measurements after it."""
    if row is None:
        return "not run"
    at = row["reached"]
    if not at:
        return f"never (at most {max(row['covered'])})"
    first = len(row["covered"]) * at["steps"] // row["steps"]
    return f"{at['seconds']:.1f} s ({at['steps']:,} steps), >= {min(row['covered'][first : first + 10])} after"


def stayed(row: Row | None) -> str:
    """The control: the most that was ever covered."""
    return str(max(row["covered"])) if row else "not run"


def collapse(rows: Rows, seeds: Iterable[int]) -> list[str]:
    """The collapse and what ends it."""
    lines, sick, cured, controls = [], [], [], []
    for seed in seeds:
        row = rows.get(("collapse", seed))
        if row is None:
            continue
        cures = [rows.get((f"cure at {second} s", seed)) for second in (15, 40)]
        control = [rows.get((f"control at {second} s", seed)) for second in (15, 40)]
        sick.append(row["most"] <= 2)
        cured.append([bool(cure and cure["reached"]) for cure in cures])
        controls.append([bool(c and c["reached"]) for c in control])
        first = f"{row['since']} s"
        lines.append([seed, first, row["most"], *map(reached, cures), *map(stayed, control)])
    head = [
        "seed",
        "covered <= 2 since",
        "most covered, 5 to 60 s",
        "cure at 15 s",
        "cure at 40 s",
        "rate alone at 15 s: most covered",
        "at 40 s",
    ]
    n = len(lines)
    summary = (
        f"covered <= 2 from second 5 to second 60: **{sum(sick)} of {n}** seeds. k = 5 with the critic's rate at 1e-3 "
        f"reaches covered >= 7 within 30 s of a core: **{sum(c[0] for c in cured)} of {n}** when switched at 15 s, "
        f"**{sum(c[1] for c in cured)} of {n}** at 40 s. The critic's rate alone, in 3,000 "
        f"steps: {sum(c[0] for c in controls)} and {sum(c[1] for c in controls)} of {n}."
    )
    return ["### `collapse` and its cure", summary, table(head, lines)]


def rings(rows: Rows, seeds: Iterable[int]) -> list[str]:
    """The two Wasserstein rings."""
    parts = []
    for name in ("ring-wgan-gp", "ring-wgan-clip"):
        runs = [(seed, rows[name, seed]) for seed in seeds if (name, seed) in rows]
        if not runs:
            continue
        lines = [
            [seed, f"{r['at']} s" if r["at"] else "never", r["lost"] if r["at"] else "", r["last"], f"{r['hq']:.2f}"]
            for seed, r in runs
        ]
        head = ["seed", "8 of 8 at", "later seconds with fewer", "covered at 30 s", "high quality at 30 s"]
        done = sum(bool(r["at"] and r["at"] <= 20) for _, r in runs)
        ms = mean(r["ms"] for _, r in runs)
        summary = (
            f"8 of 8 within 20 s: **{done} of {len(runs)}** seeds. A step takes {ms:.1f} ms of a core, so "
            f"{1e3 / ms:.0f} steps/s at most."
        )
        parts += [f"### `{name}`", summary, table(head, lines)]
    return parts


def rotation(rows: Rows, seeds: Iterable[int]) -> list[str]:
    """The turns of the sample mean."""
    runs = [(seed, rows["rotation", seed]) for seed in seeds if ("rotation", seed) in rows]
    lines = [
        [
            seed,
            f"{r['turns']:+.1f}",
            f"{100 * abs(r['turns']) / r['way']:.0f} %",
            r["modes"],
            f"{100 * r['onward']:.0f} %",
            r["most"],
        ]
        for seed, r in runs
    ]
    head = ["seed", "turns (+ clockwise)", "net / way", "modes visited", "hops to the next mode on", "most covered"]
    steady = sum(abs(r["turns"]) >= 0.8 * r["way"] for _, r in runs)
    summary = (
        "The angle of the mean of 500 samples, from second 5 to second 60, every 5 steps. Net / way is 100 % where it "
        f"never turns back; at least 80 %: **{steady} of {len(runs)}** seeds."
    )
    return ["### `rotation`", summary, table(head, lines)] if runs else []


def write(page: Path, rows: Rows, seeds: Iterable[int]) -> None:
    """Put the tables between the marks of the page."""
    seeds = list(seeds)
    text = page.read_text()
    before, after = text[: text.index(BEGIN) + len(BEGIN)], text[text.index(END) :]
    parts = [f"Machine: {machine()}.", *collapse(rows, seeds), *rings(rows, seeds), *rotation(rows, seeds)]
    page.write_text("\n\n".join([before, *parts, after]))
