"""Files of the page that Python hands over as text."""

from functools import cache
from pathlib import Path

UI = Path(__file__).parents[1]


@cache
def text(name: str) -> str:
    """A file of gandyn/ui, by its path in it."""
    return (UI / name).read_text(encoding="utf-8")
