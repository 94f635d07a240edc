"""Many sessions of one server: frames and steps of each, delays, memory, and what is left when all have gone.

    python -m benchmarks.soak [--processes 2] [--sessions 1 4 10 20 30] [--seconds 20] [--viewers 100]
                              [--heavy NAME=VALUE&...] [--people 40] [--minutes 30] [--json FILE] [--write]

A row for each number of sessions, which come within 5 seconds; half of them move a slider once a second. Then viewers
of one run, a page beside heavy ones, and people who come within 10 seconds and stay as long as --minutes says.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
from pathlib import Path
from typing import Any

from benchmarks.soak.crowd import neighbour, row, viewers
from benchmarks.soak.people import people
from benchmarks.soak.server import Server
from benchmarks.soak.words import in_words, of_neighbour, of_people, of_viewers, table
from gandyn.benchmarks.report import ROOT, machine, sentence, write
from gandyn.records.cores import cores

WARM_S = 20.0  # of the people before those who are counted
HEAVY = [
    "batch_size=32768",
    "unroll=20&batch_size=4096",
    "generator.widths=512,512&critic.widths=512,512&batch_size=2048",
]
PAGE = ROOT / "docs/reliability.md"
CHART = PAGE.with_suffix("") / "soak.png"


def arguments() -> argparse.Namespace:
    """What was asked for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--processes", type=int, default=cores())
    parser.add_argument("--sessions", type=int, nargs="*", default=[1, 4, 10, 20, 30])
    parser.add_argument("--seconds", type=float, default=20)
    parser.add_argument("--viewers", type=int, default=100)
    parser.add_argument("--people", type=int, default=40)
    parser.add_argument("--minutes", type=float, default=30)
    parser.add_argument("--heavy", nargs="*", default=HEAVY, help="what a page asks for beside another: NAME=VALUE&...")
    parser.add_argument("--json", type=Path, help="where it is kept; of what is not measured now, what is there stays")
    parser.add_argument("--write", action="store_true", help="into docs/reliability.md, with the chart")
    return parser.parse_args()


def measured(wanted: argparse.Namespace) -> dict[str, Any]:
    """All that was asked for, each with a server of its own; said on stderr as it is found."""
    figures: dict[str, Any] = {}

    def tell(text: str) -> None:
        print(text, file=sys.stderr, flush=True)

    if wanted.sessions:
        figures["rows"] = []
        with Server(wanted.processes) as server:
            for count in wanted.sessions:
                figures["rows"].append(asyncio.run(row(server, count, wanted.seconds)))
                tell(" | ".join(in_words(figures["rows"][-1])))
    if wanted.viewers:
        with Server(wanted.processes) as server:
            figures["viewers"] = asyncio.run(viewers(server, wanted.viewers, wanted.seconds))
            tell(of_viewers(figures["viewers"]))
    if wanted.heavy:
        figures["neighbours"] = []
        for query in wanted.heavy:
            with Server(1) as server:  # in one process with the other, not beside it
                figures["neighbours"].append(asyncio.run(neighbour(server, query, wanted.seconds)))
                tell(of_neighbour(figures["neighbours"][-1]))
    if wanted.people:
        with Server(wanted.processes) as server:
            asyncio.run(people(server, wanted.people, WARM_S))  # what every process loads once
            figures["people"] = asyncio.run(people(server, wanted.people, 60 * wanted.minutes))
            tell(of_people(figures["people"]))
    return figures


def in_markdown(figures: dict[str, Any]) -> str:
    """What was measured, now or before."""
    parts = [table(figures["rows"])] if "rows" in figures else []
    parts += [of_viewers(figures["viewers"])] if "viewers" in figures else []
    parts += [of_neighbour(one) for one in figures.get("neighbours", [])]
    parts += [of_people(figures["people"])] if "people" in figures else []
    return "\n\n".join([f"{sentence(figures['machine'])}; `--processes {figures['processes']}`.", *parts])


def main() -> None:
    """Measure, print, and write."""
    wanted = arguments()
    here = {"machine": machine("torch", "panel", "bokeh"), "processes": wanted.processes}
    figures = measured(wanted)
    if wanted.json:
        before = json.loads(wanted.json.read_text()) if wanted.json.exists() else {}
        figures = before | here | figures
        wanted.json.write_text(json.dumps(figures, indent=1))
    text = in_markdown(here | figures)
    print(text)
    if wanted.write:
        from benchmarks.soak.chart import chart
        from gandyn.records.figures.canvas import save

        CHART.parent.mkdir(exist_ok=True)
        save(chart(figures.get("rows", []), figures.get("people", {}).get("minutes", [])), CHART)
        text += f"\n\n![Frames, steps, delays by sessions; memory by minutes]({CHART.relative_to(PAGE.parent)})"
        write("soak", text, PAGE)


if __name__ == "__main__":
    main()
