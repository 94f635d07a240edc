"""Which random numbers a recorded run was made with, and whether they are those of this version."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gandyn.core.rng import NAME


def check_numbers(record: Mapping[str, Any], what: str, remedy: str) -> None:
    """ValueError with one line unless the record (a trace, config.json, sweep.json) has this version's numbers."""
    there = record.get("random")
    if there != NAME:
        named = repr(there) if there else "of an earlier version"
        raise ValueError(f"{what} was made with other random numbers ({named}, here {NAME!r}): {remedy}")
