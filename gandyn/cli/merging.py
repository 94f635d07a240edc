"""gandyn sweep --merge: folders of shards as one folder."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from gandyn.cli.sweeping import tell
from gandyn.cli.training import prepare
from gandyn.records.sweep.merge import merge as merge_folders


def merge(sources: Sequence[Path], out: Path | None, others: Mapping[str, Any], *, quiet: bool, json: bool) -> int:
    """Exit status; ValueError for wrong usage. `others`: what else was given, by option; none of it may be."""
    if given := [name for name, value in others.items() if value]:
        raise ValueError(f"--merge puts folders together and trains nothing: leave out {', '.join(given)}")
    if not sources:
        raise ValueError("--merge needs folders: those of all shards")
    if out is None:
        raise ValueError("--merge needs --out: a new folder")
    if out.exists() and not out.is_dir():
        raise ValueError(f"{out} is a file: choose another --out")
    prepare(None, offline=False)
    summary, grid = merge_folders(sources, out)
    tell(summary, grid, out, quiet=quiet, json=json)
    return 0
