"""Two runs side by side: how fast they part, or meet."""

import holoviews as hv
from bokeh.models import BasicTicker

from gandyn.probes.ahead import too_long
from gandyn.ui.studies import STUDIES, Axis, Number, Study
from gandyn.ui.studies.drawing import figure, line
from gandyn.ui.views import LegendEntry
from gandyn.ui.views.ticks import power
from gandyn.ui.views.wiring import Wiring

SOURCE = "lyapunov-line"


def plot(wiring: Wiring) -> hv.Overlay:
    trend = line(wiring, SOURCE, "step", "trend", "text", 1.6, "6 3")
    apart = line(wiring, SOURCE, "step", "log10", "critic", 2.4)
    labels = ("steps from here", "distance, by that at the start")
    ticks = BasicTicker(desired_num_ticks=4)
    return figure(wiring, trend * apart, ("lyapunov-step", "lyapunov-log10"), labels, yformatter=power(), yticks=ticks)


STUDIES.add(
    Study(
        "lyapunov",
        "two runs side by side",
        "How far a second run gets from this one that begins a millionth away and is fed the same batches, in powers "
        "of ten; dashed: the mean rate, the Lyapunov exponent. Where it rises training is chaotic and nothing of it "
        "can be foretold for long (a jump is a unit that one of them alone has switched on); where it falls, all runs "
        "nearby arrive at the same place.",
        "60 steps of two GANs in float64, fewer of large ones: a sixth of a second to half a second",
        plot,
        sources={SOURCE: ("step", "log10", "trend")},
        axes=(Axis("lyapunov-step", ("step",), low=0), Axis("lyapunov-log10", ("log10", "trend"))),
        numbers=(Number("exponent", "exponent a step"), Number("doubling", "the distance")),
        key=(LegendEntry("distance", "critic", "bold"), LegendEntry("mean rate", "text", "dashed")),
        unfit=lambda experiment: too_long(experiment, 2),
    ),
    rank=63,
)
