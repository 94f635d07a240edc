"""What every measurement says about its machine, and how its table and its chart get into the docs."""

from __future__ import annotations

import os
import platform
import time
from collections.abc import Iterable
from importlib.metadata import version
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "performance.md"


def processor() -> str:
    """The processor's model, as Linux names it, else what Python knows of it."""
    cpu = Path("/proc/cpuinfo")
    names = [line for line in cpu.read_text().splitlines() if line.startswith("model name")] if cpu.exists() else []
    return names[0].split(":")[1].strip() if names else platform.processor() or platform.machine()


def machine(*packages: str) -> dict[str, Any]:
    """The processor, its cores, the versions of `packages`, the load at this moment."""
    return {
        "processor": processor(),
        "cores": os.cpu_count(),
        "system": f"{platform.system()} {platform.machine()}",
        "python": platform.python_version(),
        **{package: version(package) for package in packages},
        "load": round(os.getloadavg()[0], 1),
        "date": time.strftime("%Y-%m-%d"),
    }


def sentence(described: dict[str, Any]) -> str:
    """The machine as one line."""
    known = {"processor", "cores", "system", "python", "load", "date"}
    versions = [f"{name} {value}" for name, value in described.items() if name not in known]
    parts = [described["processor"], f"{described['cores']} cores", described["system"]]
    parts += [f"Python {described['python']}", *versions, f"load {described['load']}", described["date"]]
    return ", ".join(parts)


def table(head: Iterable[str], lines: Iterable[Iterable[object]]) -> str:
    """A table in Markdown; all columns but the first to the right."""
    head = list(head)
    rows = [list(map(str, line)) for line in lines]
    rule = ["---", *["---:"] * (len(head) - 1)]
    return "\n".join("| " + " | ".join(row) + " |" for row in [head, rule, *rows])


def check() -> None:
    """ValueError with one line where this is no source tree, so that there is nothing to write into."""
    if not PAGE.exists():
        raise ValueError(f"there is no {PAGE} to write into: --write is for the source tree")


def draw(name: str, rows: list[dict[str, Any]]) -> None:
    """The chart of these rows as docs/performance/NAME.png."""
    from gandyn.benchmarks.chart import chart
    from gandyn.records.figures.canvas import save

    path = PAGE.with_suffix("") / f"{name}.png"
    path.parent.mkdir(exist_ok=True)
    save(chart(rows), path)


def write(name: str, text: str, page: Path | None = None) -> None:
    """Put `text` between the marks of that name in a page of the docs; ValueError with one line if it has none.

    Default: docs/performance.md.
    """
    page = page or PAGE
    page.write_text(placed(name, text, page.read_text(encoding="utf-8")), encoding="utf-8")


def placed(name: str, text: str, page: str) -> str:
    """The page with `text` between the marks of that name; ValueError with one line if it has none."""
    begin, end = f"<!-- {name}: begin -->", f"<!-- {name}: end -->"
    before, _, rest = page.partition(begin)
    _, marker, after = rest.partition(end)
    if not marker:
        raise ValueError(f"there are no marks {begin} and {end} in that page")
    return f"{before}{begin}\n\n{text}\n\n{end}{after}"
