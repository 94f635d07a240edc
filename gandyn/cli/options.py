"""The kinds of options, and how the command line reads a value."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

from cyclopts import Parameter, Token, convert

Flag = Annotated[bool, Parameter(negative=())]
Settings = Annotated[list[str] | None, Parameter(name="--set", consume_multiple=True, negative=())]
Folders = Annotated[list[Path] | None, Parameter(consume_multiple=True, negative=())]


def value(kind: Any, tokens: Sequence[Token]) -> Any:
    """What an option is given; a whole number is never rounded to: 1.5 is none, 1e3 and 1000.0 are 1000."""
    if kind is not int:
        return convert(kind, tokens)
    from gandyn.core.numerals import whole

    (token,) = tokens
    number = whole(token.value)
    if number is None:
        raise ValueError(f"a whole number is wanted, as 1000 or 1e3, not {token.value!r}")
    return number
