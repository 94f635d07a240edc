"""Whether a known vulnerability is in what gandyn is tested with: `make audit`, by pip-audit, where a network is.

pip-audit stands in an environment of its own, so that what it needs is not among the versions of constraints.txt.
"""

from __future__ import annotations

import json
import subprocess
import sys
import venv
from pathlib import Path

ROOT = Path(__file__).parents[1]
PLACE = ROOT / ".venv-audit"
PYTHON = PLACE / "bin" / "python"
PATIENCE = 60  # seconds for each of the two


def run(*arguments: str) -> subprocess.CompletedProcess[str] | None:
    """A module of that environment; None: it did not end in time."""
    try:
        return subprocess.run(
            [str(PYTHON), "-m", *arguments], cwd=ROOT, capture_output=True, text=True, timeout=PATIENCE, check=False
        )
    except subprocess.TimeoutExpired:
        return None


def main() -> int:
    """1 where there is a vulnerability; without a network 0, and a line."""
    if not PYTHON.exists():
        venv.create(PLACE, with_pip=True)
    installed = run("pip", "install", "--quiet", "--disable-pip-version-check", "--retries", "0", "pip-audit==2.10.1")
    pinned = ("--no-deps", "--disable-pip", "-f", "json", "-r", "constraints.txt")
    done = run("pip_audit", *pinned) if _went(installed) else None
    report = done.stdout if done and done.stdout.startswith("{") else '{"dependencies": []}'
    looked = [one for one in json.loads(report)["dependencies"] if "skip_reason" not in one]
    if not looked:
        print("not audited: no list of vulnerabilities is reached from here")
        return 0
    known = [(one, bug) for one in looked for bug in one["vulns"]]
    for one, bug in known:
        print(
            f"{one['name']} {one['version']}: {bug['id']}, mended in {', '.join(bug['fix_versions']) or 'no version'}"
        )
    print(f"{len(looked)} packages audited, {len(known)} known vulnerabilities")
    return int(bool(known))


def _went(done: subprocess.CompletedProcess[str] | None) -> bool:
    return done is not None and done.returncode == 0


if __name__ == "__main__":
    sys.exit(main())
