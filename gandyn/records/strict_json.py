"""JSON as its standard has it, for everything that is printed or written: no NaN, no Infinity, which it does not know.

Ref: RFC 8259, section 6. Stands in for the module of the standard library: `from gandyn.records import strict_json`.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from typing import Any


def loads(text: str | bytes) -> Any:
    """The value of a JSON text. ValueError for what is none, what nests too deeply included."""
    try:
        return json.loads(text)
    except RecursionError:
        raise ValueError("it nests too deeply") from None


def dumps(value: Any, *, indent: int | None = None, sort_keys: bool = False) -> str:
    """`value` as JSON; a number that is not finite is null. TypeError for what JSON cannot hold."""
    return json.dumps(_finite(value), indent=indent, sort_keys=sort_keys, allow_nan=False)


def _finite(value: Any) -> Any:
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, Mapping):
        return {name: _finite(item) for name, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_finite(item) for item in value]
    return value
