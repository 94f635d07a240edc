"""gandyn bench: steps per second beside plain PyTorch, for a person or as JSON."""

from __future__ import annotations

from pathlib import Path

from gandyn.benchmarks import report
from gandyn.benchmarks.rows import chosen
from gandyn.benchmarks.suite import suite, to_stderr
from gandyn.benchmarks.words import text
from gandyn.records import strict_json as plain_json


def bench(only: list[str], *, presets: bool, jax: Path | None, json: bool, write: bool) -> int:
    """Measure and print; with `write` into the documentation, too."""
    choice = chosen(only, presets)
    if write:
        if only:
            raise ValueError("--write takes all rows: leave out --only")
        report.check()
    results = suite(choice, tell=to_stderr, jax=None if jax is None else str(jax))
    if write:
        report.write("presets" if presets else "step", text(results))
        if not presets:
            report.draw("step", results["rows"])
    print(plain_json.dumps(results) if json else text(results))
    return 0
