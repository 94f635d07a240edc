"""The distance to the target, for targets without modes, above what two sets of real samples show."""

import holoviews as hv

from gandyn.ui.views import VIEWS, Compared, LegendEntry, Source, View, has_modes
from gandyn.ui.views.series import curve, latest, of_latest, series
from gandyn.ui.views.spikes import of_spikes
from gandyn.ui.views.wiring import Wiring


def plot(wiring: Wiring) -> hv.Overlay:
    distance = curve(wiring, "distance", "sw2", "generated", width=2.4) * latest(wiring, "sw2", "generated")
    floor = curve(wiring, "distance", "floor", "real", width=1.4, dash="4 3")
    return series(wiring, distance * floor, "distance", "sliced W₂")


VIEWS.add(
    View(
        "distance",
        "the sliced Wasserstein distance between generated and real samples, and its floor: real against real",
        plot,
        sources=(Source("distance", ("step", "sw2", "floor")), of_latest("sw2"), of_spikes("distance")),
        key=(LegendEntry("generated", "generated", "bold"), LegendEntry("floor: real to real", "real", "dashed")),
        series=True,
        reading=(
            "The sliced Wasserstein distance of the samples from the target, where there are no modes to "
            "count. The dashed floor is what as many real samples get: a curve that has come down to it "
            "cannot be told from the data by this measure."
        ),
        compared=(Compared("distance", "sw2", "generated"),),
        shows=lambda experiment: not has_modes(experiment),
        many=False,
    ),
    rank=32,
)
