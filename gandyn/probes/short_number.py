"""Numbers as people read them, in marks and sentences. Registers nothing."""

import math

SUPERSCRIPT = str.maketrans("0123456789-", "⁰¹²³⁴⁵⁶⁷⁸⁹⁻")


def short_number(value: float) -> str:
    """A number as it stands beside a mark or in a sentence: three digits, and a short power of ten if need be."""
    if not math.isfinite(value):
        return "not a number" if math.isnan(value) else ("∞" if value > 0 else "−∞")
    mantissa, power = f"{value:.2e}".split("e")
    exponent = int(power)
    if value == 0 or -4 <= exponent < 5:
        return f"{float(f'{value:.3g}'):,.10g}".replace("-", "−")
    digits = float(mantissa)
    head = f"{digits:.3g}·".replace("-", "−") if abs(digits) != 1 else ("−" if digits < 0 else "")
    return head + "10" + str(exponent).translate(SUPERSCRIPT)
