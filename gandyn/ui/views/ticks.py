"""How a tick of an axis is written: as people do, and with as many digits as tell it from its neighbours.

Registers nothing. The code is JavaScript, to which Bokeh hands over the value `tick` and those of the axis, `ticks`.
"""

from bokeh.models import CustomJSTickFormatter

EVERY_LABEL = "every-label"  # the tag of an axis whose labels are all written, however close they are
# The least number of digits from `least` on with which `write(x, digits)` of all ticks differ.
_ENOUGH = """
const enough = (write, least, most) => {
  let digits = least
  while (digits < most && new Set(ticks.map((x) => write(x, digits))).size < ticks.length) digits++
  return digits
}
"""
# A number: thousands with separators, and a short power of ten where it is very large or small.
NUMBER = f"""
const size = Math.abs(tick)
{_ENOUGH}
const digits = enough((x, digits) => x.toPrecision(digits), 9, 15)
const plain = (x) => {{  // toLocaleString takes a tenth of a page's time
  const [whole, part] = String(Number(x.toPrecision(digits))).replace("-", "−").split(".")
  return whole.replace(/\\B(?=(\\d{{3}})+$)/g, ",") + (part ? "." + part : "")
}}
if (size === 0 || (size >= 1e-4 && size < 1e5)) return plain(tick)
const power = Math.floor(Math.log10(size) + 1e-9), head = Number((tick / 10 ** power).toPrecision(digits))
const raised = [...String(power)].map((c) => "⁻⁰¹²³⁴⁵⁶⁷⁸⁹"["-0123456789".indexOf(c)])
return (Math.abs(head) === 1 ? (head < 0 ? "−" : "") : plain(head) + "·") + "10" + raised.join("")
"""
# A tick at x as the power of ten that it stands for.
_POWER = f"""
{_ENOUGH}
if (Math.abs(tick) > 2 && Number.isInteger(tick)) {{
  return "10" + [...String(tick)].map((c) => (c === "-" ? "⁻" : "⁰¹²³⁴⁵⁶⁷⁸⁹"[Number(c)])).join("")
}}
const digits = enough((x, digits) => (10 ** x).toPrecision(digits), 2, 12)
return String(Number((10 ** tick).toPrecision(digits))).replace("-", "−")
"""
# A share in percent.
_PERCENT = f"""
{_ENOUGH}
const digits = enough((x, digits) => (100 * x).toFixed(digits), 0, 9)
return (100 * tick).toFixed(digits).replace(/^-(?=0*\\.?0*$)/, "").replace("-", "−") + "%"
"""


def number() -> CustomJSTickFormatter:
    """Writes numbers."""
    return CustomJSTickFormatter(code=NUMBER)


def power() -> CustomJSTickFormatter:
    """Writes 10 ** x, of an axis of logarithms."""
    return CustomJSTickFormatter(code=_POWER)


def percent() -> CustomJSTickFormatter:
    """Writes shares in percent."""
    return CustomJSTickFormatter(code=_PERCENT)
