"""sweep.png: what was swept along, and what the GANs made of it, with intervals over the seeds."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping, Sequence
from math import nan
from typing import Any, NamedTuple

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import NullLocator, PercentFormatter, StrMethodFormatter

from gandyn.records.colours import LIGHT
from gandyn.records.figures.canvas import SMALL, dress, figure, whole_numbers
from gandyn.sweep.grid import Axis
from gandyn.sweep.statistics import Estimate
from gandyn.sweep.summary import value_text

PANEL_WIDTH, PANEL_HEIGHT, CAPTION = 460, 200, 104  # px
LABEL = 24  # letters of a curve's label, of which two stand side by side
WIDE = 20.0  # times the smallest value: where the largest is further off, the axis is logarithmic
SHIFT = 0.012  # of the axis: curves are drawn side by side, so that their intervals do not cover each other
APART = 12.0  # times that between words, which have room
ALONE = 2.0  # times that has the strip of GANs where there is one curve
STYLES = (  # colour and marker; told apart without colour, too
    ("real", "o"), ("generated", "^"), ("critic", "s"), ("covered", "D"), ("text", "v"), ("mark", "P"),
)  # fmt: skip


NOTHING = Estimate(None, None, None)


class Panel(NamedTuple):
    """One quantity of a point."""

    key: str
    label: str
    note: str  # what its interval is
    share: bool = False  # of a whole


PANELS = (
    Panel("cover", "seeds that cover all modes", "Wilson's interval of the share, at the last step", True),
    Panel("covered", "modes covered", "Student's interval of the mean, at the last step"),
    Panel("hq", "samples within 3 σ of a mode", "Student's interval of the mean, at the last step", True),
    Panel("steps_to_cover", "steps to cover all modes", "median and its distribution-free interval"),
    # where there are no modes to cover
    Panel("sw2", "sliced Wasserstein-2", "Student's interval of the mean, at the last step"),
    Panel("frechet", "Fréchet distance", "Student's interval of the mean, at the last step"),
)


def figure_of(points: Sequence[Mapping[str, Any]], axes: Sequence[Axis], confidence: float) -> Figure | None:
    """A row a quantity, a column an axis of the sweep: a trend along numbers, a strip of the GANs over words.

    `points` are those of summary.points, with summary.each's of the point under "each". A quantity of which fewer than
    two numbers are known has no row; without any row there is no figure, None. The points that differ along an axis
    alone are one curve of its column; where there would be more curves than STYLES, those of the most points are drawn,
    and the caption says how many are not.
    """
    axes = axes or (Axis("preset", (points[0]["preset"],)),)
    panels = [panel for panel in PANELS if _known(panel, points) > 1][:4]
    if not panels:
        return None
    size = (max(2, len(axes)) * PANEL_WIDTH, len(panels) * PANEL_HEIGHT + CAPTION)
    drawn = figure(*size, scale=1.5)
    grid = drawn.subplots(len(panels), len(axes), squeeze=False, sharey="row", sharex="col")
    left_out = 0
    for column, axis in zip(grid.T, axes, strict=True):
        groups = curves_along(points, axis, axes)
        left_out += max(0, len(groups) - len(STYLES))
        for place, panel in zip(column, panels, strict=True):
            _panel(place, panel, axis, groups[: len(STYLES)], _top(panel, points))
        column[-1].set_xlabel(axis.name)
        if len(groups) > 1:
            columns = 2 if max(len(label) for label, _ in groups) <= LABEL else 1
            style = {"frameon": False, "borderaxespad": 0.2, "fontsize": SMALL}
            column[0].legend(loc="lower left", bbox_to_anchor=(0, 1), ncols=columns, **style)
    for place, panel in zip(grid[:, 0], panels, strict=True):
        place.set_ylabel(textwrap.fill(panel.label, 22))
    drawn.align_ylabels(grid[:, 0])
    drawn.supxlabel(caption(points, panels, confidence, left_out), fontsize=SMALL, color=LIGHT["muted"])
    return drawn


def curves_along(points: Sequence[Mapping[str, Any]], axis: Axis, axes: Sequence[Axis]) -> list[tuple[str, list[Any]]]:
    """(label, points) of the points that agree in all axes but this one; those of the most points first."""
    others = [other.name for other in axes if other.name != axis.name]
    by_label: dict[str, list[Any]] = {}
    for point in points:
        label = ", ".join(f"{name} {value_text(point[name])}" for name in others)
        by_label.setdefault(label, []).append(point)
    return sorted(by_label.items(), key=lambda item: -len(item[1]))


def places_of(axis: Axis) -> tuple[list[float], str]:
    """Where each value of an axis stands, and its scale: linear, log, or words, which stand side by side."""
    numbers = [float(value) for value in axis.values if isinstance(value, (int, float)) and value is not True]
    if len(numbers) < len(axis.values) or any(isinstance(value, bool) for value in axis.values):
        return [float(i) for i in range(len(axis.values))], "words"
    wide = min(numbers) > 0 and max(numbers) >= WIDE * min(numbers)
    return numbers, "log" if wide else "linear"


def caption(points: Sequence[Mapping[str, Any]], panels: Sequence[Panel], confidence: float, left_out: int) -> str:
    """What the marks and the bars are."""
    seeds = sorted({point["n"] for point in points})
    many = f"{seeds[0]:,}" if len(seeds) == 1 else f"{seeds[0]:,} to {seeds[-1]:,}"
    many += f" seed{'' if seeds == [1] else 's'} a point"
    if len(named := {point.get("seeds") for point in points} - {None}) == 1:
        many += f" ({named.pop()})"
    notes: dict[str, list[str]] = {}
    for panel in panels:
        notes.setdefault(panel.note, []).append(panel.key.replace("_", " "))
    text = f"{many}; bars: {confidence:.0%} intervals over the seeds; small points: single GANs. "
    text += "; ".join(f"{', '.join(keys)}: {note}" for note, keys in notes.items()) + "."
    if any(panel.key == "steps_to_cover" for panel in panels):
        text += " A seed that never covers all modes is later than all; a bar that leaves the picture has no upper end."
    elif any("steps_to_cover" in point for point in points):
        text += " Fewer than two GANs ever covered all modes: steps to cover have no picture."
    if errors := sum(point["errors"] for point in points):
        text += f" {errors:,} GANs ended in an error: they cover nothing and have no part in the means."
    if left_out:
        text += f" {left_out:,} curves more are in summary.json alone."
    return textwrap.fill(text, 130)


def _panel(place: Axes, panel: Panel, axis: Axis, groups: Sequence[tuple[str, Sequence[Any]]], top: float) -> None:
    dress(place)
    place.grid(color=LIGHT["grid"], linewidth=0.8)
    place.set_axisbelow(True)
    xs, scale = places_of(axis)
    at = dict(zip(axis.values, xs, strict=True))
    if scale == "log":
        place.set_xscale("log")
    span = max(xs) / min(xs) if scale == "log" else APART if scale == "words" else max(xs) - min(xs) or 1.0
    wide = 0.8 * SHIFT * (1 if len(groups) > 1 else ALONE)  # of the strip of a point's GANs
    for number, ((label, curve), (token, marker)) in enumerate(zip(groups, STYLES, strict=False)):
        shift = SHIFT * (number - (len(groups) - 1) / 2)

        def placed(point: Mapping[str, Any], shift: float = shift) -> float:
            x = at[point[axis.name]]
            return x * span**shift if scale == "log" else x + span * shift

        for point in curve:
            own = _each(panel, point)
            strip = [placed(point, shift + wide * ((i + 0.5) / len(own) - 0.5)) for i in range(len(own))]
            style = {
                "color": LIGHT[token],
                "markersize": 3.5,
                "markeredgewidth": 0,
                "alpha": 0.5,
                "clip_on": False,
                "in_layout": False,
            }
            place.plot(strip, own, marker=marker, linestyle="none", **style)
        places = [placed(point) for point in curve]
        estimates = [point.get(panel.key, NOTHING) for point in curve]
        values = [nan if e.value is None else e.value for e in estimates]
        bars = [_lengths(e, 10 * top) for e in estimates]
        style = {"color": LIGHT[token], "marker": marker, "markersize": 5, "linewidth": 1.4, "capsize": 2.5}
        line = "none" if scale == "words" else "solid"
        place.errorbar(places, values, list(zip(*bars, strict=True)), label=label, linestyle=line, **style)
    place.set_xticks(xs, [value_text(value) for value in axis.values])
    place.xaxis.set_minor_locator(NullLocator())
    if scale == "words":
        place.set_xlim(-0.5, len(xs) - 0.5)
    _upright(place, panel, top)


def _lengths(estimate: Estimate, far: float) -> tuple[float, float]:
    """Of the bar downwards and upwards; an interval that is open above goes up to `far`."""
    value, low, high = estimate
    if value is None or low is None:
        return 0.0, 0.0
    return value - low, (far if high is None else high) - value


def _upright(place: Axes, panel: Panel, top: float) -> None:
    """The axis upwards, which begins at 0 in every panel."""
    place.set_ylim(*((-0.04, 1.04) if panel.share else (0, 1.08 * top)))
    if panel.share:
        place.yaxis.set_major_formatter(PercentFormatter(1))
    if panel.key == "steps_to_cover":
        whole_numbers(place.yaxis)
        place.yaxis.set_major_formatter(StrMethodFormatter("{x:,.0f}"))


def _each(panel: Panel, point: Mapping[str, Any]) -> list[float]:
    return point.get("each", {}).get(panel.key, [])


def _known(panel: Panel, points: Sequence[Mapping[str, Any]]) -> int:
    """How many numbers there are of the quantity: estimates, or GANs where those are more."""
    estimates = sum(point.get(panel.key, NOTHING).value is not None for point in points)
    return max(estimates, sum(len(_each(panel, point)) for point in points))


def _top(panel: Panel, points: Sequence[Mapping[str, Any]]) -> float:
    """The highest number there is; 1 where all are 0."""
    known = [number for point in points for number in point.get(panel.key, NOTHING) if number is not None]
    return max([*known, *(number for point in points for number in _each(panel, point))]) or 1.0
