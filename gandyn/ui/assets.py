"""Files of the page that Python hands over as text."""

from functools import cache
from pathlib import Path

HERE = Path(__file__).parent


@cache
def text(name: str) -> str:
    """A file of this folder."""
    return (HERE / name).read_text(encoding="utf-8")
