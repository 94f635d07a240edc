"""The page's own JavaScript and CSS, as text: the browser fetches nothing."""

from pathlib import Path

HERE = Path(__file__).parent


def joined(*names: str) -> str:
    """Files of this folder as one text.

    Panel compiles the module of a component from one text, so what several share stands in files of its own that are
    put in front; they call each other's functions by name, without imports.
    """
    return "\n".join((HERE / name).read_text(encoding="utf-8") for name in names)
