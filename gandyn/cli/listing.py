"""gandyn list: the presets, for a person or as JSON."""

from __future__ import annotations

import shutil
import textwrap

from gandyn.cli.progress import duration
from gandyn.presets import PRESETS, describe
from gandyn.records import strict_json as plain_json

INDENT = 4


def show(*, json: bool) -> int:
    """Print them."""
    rows = [describe(experiment) for experiment in PRESETS.values()]
    if json:
        print(plain_json.dumps({"presets": rows}))
        return 0
    width = min(shutil.get_terminal_size((120, 24)).columns, 120)
    for row in rows:
        print(f"{row['name']}: {row['summary']}")
        nets = f"G {row['generator'] or 'linear'} · D {row['critic'] or 'linear'}"
        about = f"{row['kind']} · {nets} · {row['steps']:,} steps · {_minutes(row)}"
        for line in (about, row["cite"]):
            print(textwrap.fill(line, width, initial_indent=" " * INDENT, subsequent_indent=" " * INDENT))
    print("\nMinutes: measured on one of 2 cores of a common server. gandyn train NAME --dry-run shows everything.")
    return 0


def _minutes(row: dict) -> str:
    minutes = row["minutes"]
    if minutes is None:
        return "not measured"
    return "less than a minute" if minutes < 1 else duration(60 * minutes)
