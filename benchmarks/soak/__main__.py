"""Many sessions of one server: frames and steps of each, delays, memory, and what is left when all have gone.

    python -m benchmarks.soak [--processes 2] [--sessions 1 4 10 20 30] [--seconds 20] [--viewers 100]
                              [--people 40] [--minutes 30] [--json FILE] [--write]

A row for each number of sessions, which come within 5 seconds; half of them move a slider once a second. Then viewers
of one run, then people who come within 10 seconds and stay as long as --minutes says.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any

from benchmarks.soak.crowd import row, viewers
from benchmarks.soak.people import people
from benchmarks.soak.server import Held, Server
from benchmarks.soak.words import PAGE, in_words, of_people, of_viewers, table, written
from gandyn.benchmarks.report import machine, sentence
from gandyn.records.cores import cores

WARM_S = 20.0  # of the people before those who are counted
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
    parser.add_argument("--json", type=Path)
    parser.add_argument("--write", action="store_true", help="into docs/reliability.md, with the chart")
    return parser.parse_args()


def measured(wanted: argparse.Namespace) -> dict[str, Any]:
    """All that was asked for, each with a server of its own; said on stderr as it is found."""
    rows, found = [], {"rows": [], "viewers": None, "people": None}

    def tell(text: str) -> None:
        print(text, file=sys.stderr, flush=True)

    if wanted.sessions:
        with Server(wanted.processes) as server:
            for count in wanted.sessions:
                rows.append(asyncio.run(row(server, count, wanted.seconds)))
                tell(" | ".join(in_words(rows[-1])))
    if wanted.viewers:
        with Server(wanted.processes) as server:
            found["viewers"] = asyncio.run(viewers(server, wanted.viewers, wanted.seconds))
            tell(of_viewers(found["viewers"]))
    if wanted.people:
        with Server(wanted.processes) as server:
            asyncio.run(people(server, wanted.people, WARM_S))  # what every process loads once
            found["people"] = asyncio.run(people(server, wanted.people, 60 * wanted.minutes))
            tell(of_people(found["people"]))
    return found | {"rows": rows}


def main() -> None:
    """Measure, print, and write."""
    wanted = arguments()
    here = machine("torch", "panel", "bokeh")
    found = measured(wanted)
    parts = [f"{sentence(here)}; `--processes {wanted.processes}`.", table(found["rows"])]
    parts += [of_viewers(found["viewers"])] if found["viewers"] else []
    parts += [of_people(found["people"])] if found["people"] else []
    text = "\n\n".join(parts)
    print(text)
    if wanted.json:
        wanted.json.write_text(json.dumps({"machine": here, **found}, indent=1, default=_plain))
    if wanted.write:
        from benchmarks.soak.chart import chart
        from gandyn.records.figures.canvas import save

        CHART.parent.mkdir(exist_ok=True)
        save(chart(found["rows"], found["people"]["minutes"] if found["people"] else []), CHART)
        text += f"\n\n![Frames, steps, delays by sessions; memory by minutes]({CHART.relative_to(PAGE.parent)})"
        PAGE.write_text(written(PAGE.read_text(), text))


def _plain(value: object) -> object:
    if isinstance(value, Held):
        return asdict(value)
    raise TypeError(f"{type(value).__name__} is not for JSON")


if __name__ == "__main__":
    main()
