"""The command line: `gandyn list`, `gandyn serve`. torch and panel are imported only by the command that needs them."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence

import gandyn


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="gandyn", description="Watch a generative adversarial network learn, and fail, live."
    )
    parser.add_argument("--version", action="version", version=f"gandyn {gandyn.__version__}")
    commands = parser.add_subparsers(dest="command", required=True)
    listing = commands.add_parser("list", help="the presets, one a line")
    listing.add_argument("--json", action="store_true", help="everything about them as JSON")
    serving = commands.add_parser("serve", help="the laboratory in the browser")
    serving.add_argument("--port", type=int, default=5006, help="port to listen on (default 5006)")
    serving.add_argument(
        "--address", default="127.0.0.1", help="address to listen on; 0.0.0.0: all (default 127.0.0.1)"
    )
    serving.add_argument("--show", action="store_true", help="open the page in the browser")
    return parser


def _list(arguments: argparse.Namespace) -> int:
    from gandyn.presets import PRESETS, describe

    rows = [describe(experiment) for experiment in PRESETS.values()]
    if arguments.json:
        print(json.dumps({"presets": rows}))
        return 0
    width = max(len(row["name"]) for row in rows)
    for row in rows:
        print(f"{row['name']:<{width}}  {row['summary']}")
    return 0


def _serve(arguments: argparse.Namespace) -> int:
    from gandyn.ui.server import run_server

    return run_server(arguments.port, arguments.address, show=arguments.show)


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; 0 done, 1 failed while running, 2 wrong usage, 130 interrupted."""
    arguments = _parser().parse_args(argv)
    try:
        return {"list": _list, "serve": _serve}[arguments.command](arguments)
    except ValueError as error:
        print(f"gandyn: {error}", file=sys.stderr)
        return 2
    except OSError as error:
        print(f"gandyn: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    sys.exit(main())
