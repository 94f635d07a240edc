"""How large each player's updates are beside its weights."""

import holoviews as hv
from bokeh.models import BasicTicker

from gandyn.probes.ahead import too_long
from gandyn.ui.studies import STUDIES, Axis, Number, Study
from gandyn.ui.studies.drawing import figure, line
from gandyn.ui.views import LegendEntry
from gandyn.ui.views.ticks import power
from gandyn.ui.views.wiring import Wiring

SOURCE, USUAL = "update_ratio-line", "update_ratio-usual"


def plot(wiring: Wiring) -> hv.Overlay:
    usual = line(wiring, USUAL, "usual_step", "usual", "mark", 1.4, "4 3")
    generator = line(wiring, SOURCE, "step", "generator", "generated", 2.0)
    critic = line(wiring, SOURCE, "step", "critic", "critic", 2.0)
    return figure(
        wiring,
        hv.Overlay([usual, generator, critic]),
        ("update_ratio-step", "update_ratio-log10"),
        ("step", "|update| / |weights|"),
        yformatter=power(),
        yticks=BasicTicker(desired_num_ticks=4),
    )


STUDIES.add(
    Study(
        "update_ratio",
        "updates beside weights",
        "The length of each player's next updates in units of the length of its weights, in powers of ten; dashed: a "
        "thousandth, usual where one network learns well. A player far above it forgets what it has learnt, one far "
        "below stands still, and a critic far below the generator cannot follow it.",
        "the next 150 steps, fewer of large networks: some tenths of a second",
        plot,
        sources={SOURCE: ("step", "generator", "critic"), USUAL: ("usual_step", "usual")},
        axes=(
            Axis("update_ratio-step", ("step",)),
            Axis("update_ratio-log10", ("generator", "critic", "usual")),
        ),
        numbers=(
            Number("median_g", "median: generator"),
            Number("median_d", "critic"),
            Number("against", "quotient"),
        ),
        key=(
            LegendEntry("generator", "generated", "bold"),
            LegendEntry("critic", "critic", "bold"),
            LegendEntry("a thousandth", "mark", "dashed"),
        ),
        unfit=too_long,
    ),
    rank=65,
)
