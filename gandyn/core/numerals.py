"""Numbers as people write them: ASCII digits, a point, an exponent; not 1_0 or digits of any script, as Python does."""

import math
import re
from decimal import Decimal

MOST_DIGITS = 40  # of a whole number that is read; every range is far below
PLAIN = re.compile(r"\s*[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)(e[+-]?[0-9]{1,12})?\s*", re.IGNORECASE | re.ASCII)


def whole(text: str) -> int | None:
    """The whole number that a text is, in decimal and without rounding: 1000, 1e3 or 1000.0; None for anything else."""
    if not PLAIN.fullmatch(text):
        return None
    value = Decimal(text.strip())
    if value.adjusted() >= MOST_DIGITS or value != value.to_integral_value():
        return None
    return int(value)


def real(text: str) -> float | None:
    """The number that a text is, as the nearest float; None for anything else, NaN and infinities among it."""
    value = float(text) if PLAIN.fullmatch(text) else math.nan
    return value if math.isfinite(value) else None
