"""How a tick of an axis is written: as people do, and with as many digits as tell it from its neighbours.

Registers nothing. The code is JavaScript, to which Bokeh hands over the value `tick` and those of the axis, `ticks`.
"""

from bokeh.models import ColumnDataSource, CustomJSTickFormatter

EVERY_LABEL = "every-label"  # the tag of an axis whose labels are all written, however close they are
# The least number of digits from `least` on with which `write(x, digits)` of all ticks differ.
_ENOUGH = """
const enough = (write, least, most) => {
  let digits = least
  while (digits < most && new Set(ticks.map((x) => write(x, digits))).size < ticks.length) digits++
  return digits
}
"""
# A number with so many digits: thousands with separators, and a short power of ten where it is very large or small.
_WRITTEN = """
const raised = (power) => [...String(power)].map((c) => "⁻⁰¹²³⁴⁵⁶⁷⁸⁹"["-0123456789".indexOf(c)]).join("")
const written = (x, digits) => {
  const plain = (x) => {  // toLocaleString takes a tenth of a page's time
    const [whole, part] = String(Number(x.toPrecision(digits))).replace("-", "−").split(".")
    return whole.replace(/\\B(?=(\\d{3})+$)/g, ",") + (part ? "." + part : "")
  }
  const size = Math.abs(x)
  if (size === 0 || (size >= 1e-4 && size < 1e5)) return plain(x)
  const power = Math.floor(Math.log10(size) + 1e-9), head = Number((x / 10 ** power).toPrecision(digits))
  return (Math.abs(head) === 1 ? (head < 0 ? "−" : "") : plain(head) + "·") + "10" + raised(power)
}
"""
_NUMBER = f"""
{_ENOUGH}
{_WRITTEN}
return written(tick, enough((x, digits) => x.toPrecision(digits), 9, 15))
"""
# A tick at x as the power of ten that it stands for, right to a tenth of the space between two: as one where all ticks
# are whole.
_POWER = f"""
{_WRITTEN}
if (Math.abs(tick) > 2 && ticks.every((x) => Number.isInteger(x))) return "10" + raised(tick)
const apart = Math.min(...ticks.slice(1).map((x, i) => Math.abs(x - ticks[i])))
const off = (x, digits) => Math.abs(Math.log10(Number((10 ** x).toPrecision(digits))) - x)
let digits = 2
while (digits < 12 && ticks.some((x) => off(x, digits) > apart / 10)) digits++
return written(10 ** tick, digits)
"""
# A share in percent.
_PERCENT = f"""
{_ENOUGH}
const digits = enough((x, digits) => (100 * x).toFixed(digits), 0, 9)
return (100 * tick).toFixed(digits).replace(/^-(?=0*\\.?0*$)/, "").replace("-", "−") + "%"
"""


def number_or_power(source: ColumnDataSource) -> CustomJSTickFormatter:
    """As `power` where the source's column `log` begins with 1, else as `number`."""
    code = f"return source.data.log[0] ? (() => {{ {_POWER} }})() : (() => {{ {_NUMBER} }})()"
    return CustomJSTickFormatter(code=code, args={"source": source})


def number() -> CustomJSTickFormatter:
    """Writes numbers."""
    return CustomJSTickFormatter(code=_NUMBER)


def power() -> CustomJSTickFormatter:
    """Writes 10 ** x, of an axis of logarithms."""
    return CustomJSTickFormatter(code=_POWER)


def percent() -> CustomJSTickFormatter:
    """Writes shares in percent."""
    return CustomJSTickFormatter(code=_PERCENT)
