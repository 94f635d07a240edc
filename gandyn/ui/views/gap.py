"""The look-ahead gap: what k more updates would gain the critic, while the generator stands still."""

import holoviews as hv

from gandyn.ui.views import VIEWS, Compared, LegendEntry, Source, View
from gandyn.ui.views.series import curve, latest, level, of_latest, series
from gandyn.ui.views.spikes import of_spikes
from gandyn.ui.views.wiring import Wiring


def plot(wiring: Wiring) -> hv.Overlay:
    gap = curve(wiring, "gap", "gap", "text", width=2.4) * latest(wiring, "gap", "text")
    return series(wiring, level(0) * gap, "gap", "gap  f − f\u2096")


VIEWS.add(
    View(
        "gap",
        "the look-ahead gap: the critic's objective now, less that after k more updates",
        plot,
        sources=(Source("gap", ("step", "f", "f_k", "gap")), of_latest("gap"), of_spikes("gap")),
        key=(LegendEntry("gain of k more critic updates", "text", "bold"),),
        series=True,
        reading=(
            "How much k more updates would gain the critic while the generator waits. Near 0 the critic "
            "is close to its best answer to this generator; high and rising, the generator follows a "
            "critic that is about to change."
        ),
        compared=(Compared("gap", "gap", "gain of k more critic updates"),),
        many=False,
    ),
    rank=20,
)
