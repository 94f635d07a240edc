"""gandyn sweep --merge: folders of shards as one folder."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from gandyn.cli.options import Data, Output
from gandyn.cli.sweeping import tell
from gandyn.cli.training import prepare
from gandyn.sweep.merge import merge as merge_folders


def merge(sources: Sequence[Path], out: Path | None, others: Sequence[str], output: Output) -> int:
    """Exit status; ValueError for wrong usage. `others`: the other options that were given; none of them may be."""
    if others:
        raise ValueError(f"--merge puts folders together and trains nothing: leave out {', '.join(others)}")
    if not sources:
        raise ValueError("--merge needs folders: those of all shards")
    if out is None:
        raise ValueError("--merge needs --out: a new folder")
    if out.exists() and not out.is_dir():
        raise ValueError(f"{out} is a file: choose another --out")
    prepare(Data())
    summary, grid = merge_folders(sources, out)
    tell(summary, grid, out, output)
    return 0
