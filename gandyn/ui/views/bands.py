"""Many GANs at once: the curve of the one on the stage, before bands that hold half and 80 % of all of them."""

from typing import Any

import holoviews as hv
import numpy as np
from bokeh.models import VArea

from gandyn.live.curves import AHEAD
from gandyn.ui.page import palette
from gandyn.ui.views import VIEWS, LegendEntry, Source, View, has_modes
from gandyn.ui.views.elements import styled
from gandyn.ui.views.series import FAINT, SPIKED, curve, latest, level, of_latest, series, tag_theme
from gandyn.ui.views.spikes import of_spikes
from gandyn.ui.views.ticks import percent
from gandyn.ui.views.wiring import HEADROOM, Wiring

_NONE = np.zeros(1)
READING = (
    "The median of all GANs before bands that hold half and 80 % of them, and in the accent's colour the "
    "one on the stage. Where the wide band is far from the narrow one a few seeds fail: a single run "
    "would have said nothing of them."
)
CHOSEN = "accent"  # as the frame around its small picture


def _band(wiring: Wiring, source: str, low: str, high: str, token: str, alpha: float) -> hv.Area:
    """The area between two columns. Bokeh's own glyph for it, since HoloViews draws a polygon of twice the points."""

    def between(plot: Any, element: Any) -> None:
        colour = palette.TOKENS["light"][token]
        glyph = VArea(x="step", y1=low, y2=high, fill_color=colour, fill_alpha=alpha)
        plot.handles["glyph_renderer"].glyph = glyph
        tag_theme(glyph, token)

    return styled(hv.Area((_NONE, _NONE, _NONE), "step", [high, low]), hooks=[wiring.feeds(source), between])


def _bands(wiring: Wiring, source: str, token: str) -> hv.Overlay:
    wide, narrow = _band(wiring, source, "p10", "p90", token, 0.14), _band(wiring, source, "p25", "p75", token, 0.2)
    ahead = source + AHEAD
    faint = _band(wiring, ahead, "p10", "p90", token, 0.14 * FAINT) * _band(
        wiring, ahead, "p25", "p75", token, 0.2 * FAINT
    )
    return faint * wide * narrow


def _figure(
    wiring: Wiring, name: str, chosen: tuple[str, str], axis: str, label: str, token: str, labelled: bool
) -> hv.Overlay:
    source = f"bands_{name}"
    median = curve(wiring, source, "p50", token, width=1.4)
    curves = level(0) * _bands(wiring, source, token) * median * curve(wiring, *chosen, CHOSEN, width=2.4)
    curves *= latest(wiring, chosen[1], CHOSEN)
    figure = series(wiring, curves, axis, label, labelled)
    return styled(figure, yformatter=percent()) if axis == "quality" else figure


def _add(
    name: str, chosen: tuple[str, str], axis: str, label: str, token: str, summary: str, labelled: bool, **rest: Any
) -> None:
    def plot(wiring: Wiring) -> hv.Overlay:
        wiring.range("quality", -HEADROOM, 1 + HEADROOM)  # a share has one range for ever
        wiring.range("modes", headroom=HEADROOM)
        return _figure(wiring, name, chosen, axis, label, token, labelled)

    key = (
        LegendEntry("chosen", CHOSEN, "bold"),
        LegendEntry("median", token),
        LegendEntry("half, 80 %", token, "band"),
    )
    sources = (
        Source(f"bands_{name}", ("step", "p10", "p25", "p50", "p75", "p90")),
        Source(chosen[0], ("step", chosen[1])),
        of_latest(chosen[1]),
        *([of_spikes(axis)] if axis in SPIKED else []),
    )
    summary = f"{summary}, over all GANs"
    view = View(
        f"bands-{name}", summary, plot, sources=sources, key=key, series=True, many=True, reading=READING, **rest
    )
    VIEWS.add(view, rank=50 + len(VIEWS))


_add("covered", ("modes", "covered"), "modes", "modes", "covered", "modes covered", True, shows=has_modes)
_add("hq", ("modes", "hq"), "quality", "quality", "text", "the share of samples near a mode", False, shows=has_modes)
_add(
    "sw2", ("distance", "sw2"), "distance", "sliced W₂", "text",
    "the sliced Wasserstein distance to the target", True, shows=lambda experiment: not has_modes(experiment),
)  # fmt: skip
_add("gap", ("gap", "gap"), "gap", "gap", "text", "the look-ahead gap", False)
