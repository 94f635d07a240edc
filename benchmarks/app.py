"""The laboratory in a real browser: frames per second, delays, what watching costs, memory.

    python -m benchmarks.app [--minutes 10] [--parts frames latency ...] [--json] [--write]

Serves apps/dynamics.py on a free port, opens it in Chromium at 1280 x 800 with the default preset, and measures. About
7 minutes and the minutes of the memory. Server, browser and viewers share the machine, and whatever else runs there
takes part: `others` is what it used, in cores.
"""

from __future__ import annotations

import argparse
import signal
import sys
import tempfile
from typing import Any

from benchmarks.browser import tab
from benchmarks.parts import PARTS, SPEED, Bench
from benchmarks.processes import Server
from benchmarks.words import text
from gandyn.benchmarks.report import ROOT, machine, write
from gandyn.records import strict_json as json

LONGEST = 30  # minutes, besides those of the memory
KEPT = ROOT / "runs" / "bench-app.json"


def measure(parts: list[str], minutes: float) -> dict[str, Any]:
    """The figures of these parts."""
    measured: dict[str, Any] = {}
    with tempfile.TemporaryDirectory() as folder, Server(folder) as server, tab(server.url) as opened:
        bench = Bench(server, opened, opened.now()["controls"][SPEED])
        for part in parts:
            print(f"measuring {part}", file=sys.stderr)
            described = machine("torch", "panel", "bokeh")
            figures = PARTS[part](bench, **({"minutes": minutes} if part == "memory" else {}))
            measured[part] = {"machine": described, **figures}
        if opened.errors:
            measured["console_errors"] = opened.errors[:20]
    return measured


def kept(measured: dict[str, Any]) -> dict[str, Any]:
    """These figures, and those of earlier runs for the parts that they leave out."""
    try:
        earlier = json.loads(KEPT.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        earlier = {}
    return earlier | measured


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=10, help="how long memory is watched (10)")
    parser.add_argument("--parts", nargs="+", choices=list(PARTS), default=list(PARTS), help="what to measure (all)")
    parser.add_argument("--json", action="store_true", help="one JSON object instead of the table")
    parser.add_argument("--write", action="store_true", help="put the table into docs/performance.md, too")
    options = parser.parse_args()
    # However it ends, the server and the browser end with it.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    signal.signal(signal.SIGALRM, lambda *_: sys.exit("python -m benchmarks.app did not come to an end"))
    signal.alarm(int(60 * (LONGEST + options.minutes)))
    measured = measure(options.parts, options.minutes)
    if options.write:
        everything = kept(measured)
        KEPT.parent.mkdir(exist_ok=True)
        KEPT.write_text(json.dumps(everything), encoding="utf-8")
        write("app", text(everything))
    print(json.dumps(measured) if options.json else text(measured))


if __name__ == "__main__":
    main()
