"""Numbers as people write them."""

from decimal import Decimal, InvalidOperation

MOST_DIGITS = 40  # of a whole number that is read; every range is far below


def whole(text: str) -> int | None:
    """The whole number that a text is, in decimal and without rounding: 1000, 1e3 or 1000.0; None for anything else."""
    try:
        value = Decimal(text.strip())
    except InvalidOperation:
        return None
    if not value.is_finite() or value.adjusted() >= MOST_DIGITS or value != value.to_integral_value():
        return None
    return int(value)
