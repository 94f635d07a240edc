"""The study of collapse: what the sweeps behind docs/study-collapse.md found, as its tables and figures.

    python -m scripts.study [SWEEPS]        default: runs/study; --commands prints how to make them

Each sweep goes on where it was stopped; all of them take about eight minutes of one core.
"""

from __future__ import annotations

import json
import shutil
import sys
from pathlib import Path
from typing import Any

from gandyn.benchmarks.report import table

ROOT = Path(__file__).parents[1]
PAGE, PICTURES = ROOT / "docs" / "study-collapse.md", ROOT / "docs" / "study"
NET = "batch_size=64 latent_size=16 generator.widths=32,32 critic.widths=32"
ALL = f"gandyn sweep collapse --seeds 0:104 --steps 3500 --every 250 --lanes 26 --set {NET}"
SWEEPS = {
    "collapse": "lr_d=2.5e-4,5e-4,1e-3,2e-3",
    "exact": "unroll=0,1,2,5,10 lr_d=5e-4,1e-3,2e-3 --warmup 1500",
    "first": "unroll=1,2,5,10 unroll_order=first lr_d=5e-4,1e-3,2e-3 --warmup 1500",
    "penalty": "penalty=gradient-penalty,r1 penalty_weight=0.1,1 lr_d=5e-4,1e-3,2e-3 --warmup 1500",
}
COLUMNS = ("unroll", "penalty", "penalty_weight", "lr_d")


def share(estimate: list[float]) -> str:
    """A share with its interval, in percent."""
    value, low, high = (f"{100 * x:.0f}" for x in estimate)
    return f"{value} % ({low} to {high})"


def mean(estimate: list[float | None], digits: int = 2) -> str:
    """A mean with its interval."""
    value, low, high = ("-" if x is None else f"{x:.{digits}f}" for x in estimate)
    return f"{value} ({low} to {high})"


def steps(estimate: list[float | None]) -> str:
    """The median of the steps to cover; a dash where half of the seeds never do."""
    return "-" if estimate[0] is None else f"{estimate[0]:,.0f}"


def rows(points: list[dict[str, Any]]) -> str:
    """One sweep as a table."""
    names = [name for name in COLUMNS if name in points[0]]
    head = [*names, "seeds that cover all 8", "modes covered", "high quality", "median steps to cover"]
    lines = [
        [
            *(f"{point[name]:g}" if isinstance(point[name], float) else point[name] for name in names),
            share(point["cover"]),
            mean(point["covered"]),
            mean(point["hq"]),
            steps(point["steps_to_cover"]),
        ]
        for point in points
    ]
    return table(head, lines)


def put(page: str, name: str, text: str) -> str:
    """The page with this text between the marks of that name."""
    begin, end = f"<!-- {name}: begin -->", f"<!-- {name}: end -->"
    return f"{page[: page.index(begin) + len(begin)]}\n\n{text}\n\n{page[page.index(end) :]}"


def main() -> None:
    if "--commands" in sys.argv:
        print("\n".join(f"{ALL} {settings} --out runs/study/{name}" for name, settings in SWEEPS.items()))
        return
    sweeps = Path(sys.argv[1] if len(sys.argv) > 1 else ROOT / "runs" / "study")
    page = PAGE.read_text()
    PICTURES.mkdir(exist_ok=True)
    for name in SWEEPS:
        summary = sweeps / name / "summary.json"
        if not summary.exists():
            print(f"{summary} is not there yet", file=sys.stderr)
            continue
        page = put(page, name, rows(json.loads(summary.read_text())["points"]))
        shutil.copyfile(sweeps / name / "sweep.png", PICTURES / f"{name}.png")
    PAGE.write_text(page)


if __name__ == "__main__":
    main()
