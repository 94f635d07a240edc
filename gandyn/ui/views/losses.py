"""Both players' losses, as they were minimised, and the critic's after the look-ahead."""

import holoviews as hv

from gandyn.ui.views import VIEWS, Compared, LegendEntry, Source, View
from gandyn.ui.views.series import curve, latest, of_latest, series
from gandyn.ui.views.spikes import of_spikes
from gandyn.ui.views.wiring import Wiring


def plot(wiring: Wiring) -> hv.Overlay:
    critic = curve(wiring, "losses", "critic", "critic")
    ahead = curve(wiring, "gap", "f_k", "critic", width=1.2, dash="5 3")
    generator = curve(wiring, "losses", "generator", "generated")
    dots = (
        latest(wiring, "f_k", "critic") * latest(wiring, "critic", "critic") * latest(wiring, "generator", "generated")
    )
    return series(wiring, ahead * critic * generator * dots, "losses", "loss", labelled=True)


VIEWS.add(
    View(
        "losses",
        "the losses of both players, and the critic's after k more updates",
        plot,
        sources=(
            Source("losses", ("step", "critic", "generator")),
            Source("gap", ("step", "f_k")),
            of_latest("critic", "generator", "f_k"),
            of_spikes("losses"),
        ),
        key=(
            LegendEntry("critic", "critic"),
            LegendEntry("k ahead", "critic", "dashed"),
            LegendEntry("generator", "generated"),
        ),
        series=True,
        reading=(
            "Each player's loss at every step, and dashed what the critic's would be after k more "
            "updates. Neither says how good the samples are: in a game a falling loss may only mean that "
            "the other player has become worse."
        ),
        compared=(Compared("losses", "critic", "critic"), Compared("losses", "generator", "generator", 1.0)),
        many=False,
    ),
    rank=10,
)
