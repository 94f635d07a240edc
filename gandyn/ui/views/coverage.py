"""How many modes are covered, step by step of the count."""

import holoviews as hv

from gandyn.ui.views import VIEWS, Compared, LegendEntry, Source, View, has_modes
from gandyn.ui.views.series import latest, of_latest, series, stairs, without_steps
from gandyn.ui.views.wiring import HEADROOM, Wiring


def plot(wiring: Wiring) -> hv.Overlay:
    wiring.range("modes", headroom=HEADROOM)
    covered = stairs(wiring, "modes", "covered", "covered", width=2.4) * latest(wiring, "covered", "covered")
    return series(wiring, covered, "modes", "modes", hooks=[without_steps])


VIEWS.add(
    View(
        "coverage",
        "modes covered",
        plot,
        sources=(Source("modes", ("step", "covered")), of_latest("covered")),
        key=(LegendEntry("modes covered", "covered", "bold"),),
        series=True,
        reading=(
            "How many modes of the target have their share of samples near them. A level below the "
            "target's number that stays is a collapse; one that jumps up and down is a generator that "
            "wanders from mode to mode."
        ),
        compared=(Compared("modes", "covered", "modes covered"),),
        shows=has_modes,
        many=False,
    ),
    rank=30,
)
