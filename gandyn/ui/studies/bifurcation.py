"""Many values of one number at once: where the run goes under each of them from here."""

from collections.abc import Mapping
from typing import Any

import holoviews as hv
from bokeh.models import BasicTicker, CustomJS

from gandyn.core.experiment import Experiment
from gandyn.probes.bifurcation import knobs_of, range_of, values_of
from gandyn.ui.studies import STUDIES, Axis, Choice, Number, Study
from gandyn.ui.studies.drawing import dots, figure, on_range, segments
from gandyn.ui.views import LegendEntry
from gandyn.ui.views.elements import styled
from gandyn.ui.views.ticks import number_or_power
from gandyn.ui.views.wiring import Wiring

POINTS, AWAY, NOW = "bifurcation-points", "bifurcation-away", "bifurcation-now"


def plot(wiring: Wiring) -> hv.Overlay:
    whole = on_range(wiring, "bifurcation-whole")
    away = styled(
        segments(wiring, AWAY, ("away_at", "foot", "away_at", "top"), "warning", 3.0, "solid", whole), alpha=0.3
    )
    now = segments(wiring, NOW, ("now", "below", "now", "above"), "mark", 1.4, "4 3", whole)
    points = styled(dots(wiring, POINTS, "at", "value", "critic", size=5), line_alpha=0)
    source = wiring.sources[NOW]
    written = number_or_power(source)

    def anew(plot: Any, element: Any) -> None:
        """Ticks are written when their formatter changes, not when what that reads does."""
        source.js_on_change("data", CustomJS(args={"formatter": written}, code="formatter.change.emit()"))

    return figure(
        wiring,
        hv.Overlay([away, now, points]),
        ("bifurcation-at", "bifurcation-value"),
        ("the number that is varied", "its last values"),
        anew,
        xformatter=written,
        xticks=BasicTicker(desired_num_ticks=3),
    )


def choices(experiment: Experiment, chosen: Mapping[str, str]) -> tuple[Choice, ...]:
    """The number, from where to where, and what is drawn; nothing where no number does anything."""
    knobs, values = knobs_of(experiment), values_of(experiment)
    if not knobs:
        return ()
    knob, value = chosen.get("knob", ""), chosen.get("value", "")
    knob = knob if knob in knobs else next(iter(knobs))
    low, high = (f"{end:.6g}" for end in range_of(experiment, knobs[knob]))
    return (
        Choice("value", "draw", {one: one for one in values}, value if value in values else values[0]),
        Choice("knob", "over", {name: one.title for name, one in knobs.items()}, knob, clears=("low", "high")),
        Choice("low", "from", value=chosen.get("low", ""), hint=low),
        Choice("high", "to", value=chosen.get("high", ""), hint=high),
    )


STUDIES.add(
    Study(
        "bifurcation",
        "many values of one number",
        "Copies of this moment go on, each under another value of one number, and the dots are where each of them is "
        "in the last of 200 steps: one dot is rest, a few a cycle, a smear a rotation or chaos, orange has run away. It"
        " stays with the moment that it names, whose value is dashed, until a control changes, you choose something or "
        "press the arrow.",
        "200 steps of 64 GANs, a quarter of a second of one processor at a time: some seconds to three minutes",
        plot,
        sources={
            POINTS: ("at", "value"),
            AWAY: ("away_at", "foot", "top"),
            NOW: ("now", "below", "above", "log"),
        },
        axes=(
            Axis("bifurcation-at", ("ends",)),
            Axis("bifurcation-value", ("span",)),
            Axis("bifurcation-whole", low=0, high=1),
        ),
        numbers=(Number("progress", "after"), Number("lost", "ran away")),
        key=(
            LegendEntry("last values", "critic", "circle"),
            LegendEntry("now", "mark", "dashed"),
            LegendEntry("ran away", "warning", "bar", needs="lost"),
        ),
        choices=choices,
    ),
    rank=62,
)
