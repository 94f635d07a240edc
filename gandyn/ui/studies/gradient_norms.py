"""How steep the critic is where it matters, with the slope that gradient penalties ask for."""

import holoviews as hv
from bokeh.models import BasicTicker

from gandyn.probes.inputs import critic_unread
from gandyn.ui.studies import STUDIES, Axis, Number, Study
from gandyn.ui.studies.drawing import figure, staircase, upright
from gandyn.ui.views import LegendEntry
from gandyn.ui.views.ticks import percent, power
from gandyn.ui.views.wiring import Wiring

SOURCE = "gradient_norms-bins"
KINDS = (("real", "real", "solid"), ("generated", "generated", "solid"), ("between", "critic", "5 3"))


def plot(wiring: Wiring) -> hv.Overlay:
    outlines = [staircase(wiring, SOURCE, "left", column, token, dash) for column, token, dash in KINDS]
    return figure(
        wiring,
        hv.Overlay([*outlines, upright(0.0)]),
        ("gradient_norms-norm", "gradient_norms-share"),
        ("|∇ critic|", "share of points"),
        xformatter=power(),
        xticks=BasicTicker(desired_num_ticks=6, min_interval=1),
        yformatter=percent(),
    )


STUDIES.add(
    Study(
        "gradient_norms",
        "critic's gradient norms",
        "Outlines: the norm of the critic's gradient at real samples, at generated ones and at points between"
        " them (of a critic that judges several together: with fixed ones beside each); dashed: norm 1, which a "
        "gradient penalty asks for and a critic of Wasserstein's distance may not exceed. A generator whose samples "
        "stand where the norm is near 0 learns nothing.",
        "one gradient of the critic at 3,000 points: some milliseconds",
        plot,
        sources={SOURCE: ("left", "real", "generated", "between")},
        axes=(
            Axis("gradient_norms-norm", low=-4, high=2),
            Axis("gradient_norms-share", ("real", "generated", "between"), low=0),
        ),
        numbers=(
            Number("mean_real", "mean: real"),
            Number("mean_generated", "generated"),
            Number("mean_between", "between"),
        ),
        key=(
            LegendEntry("real", "real"),
            LegendEntry("generated", "generated"),
            LegendEntry("between", "critic", "dashed"),
            LegendEntry("norm 1", "mark", "dashed"),
        ),
        unfit=critic_unread,
    ),
    rank=30,
)
