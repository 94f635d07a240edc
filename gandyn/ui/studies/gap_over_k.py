"""What more updates would gain the critic, one by one."""

import holoviews as hv

from gandyn.probes.inputs import critic_unread
from gandyn.ui.studies import STUDIES, Axis, Number, Study
from gandyn.ui.studies.drawing import figure, line, ring
from gandyn.ui.views import LegendEntry
from gandyn.ui.views.wiring import Wiring

SOURCE, AT = "gap_over_k-curve", "gap_over_k-at"


def plot(wiring: Wiring) -> hv.Overlay:
    curve = line(wiring, SOURCE, "j", "gain", "critic", 2.4)
    own = ring(wiring, AT, "k", "gain_at_k", "text")
    return figure(wiring, curve * own, ("gap_over_k-j", "gap_over_k-gain"), ("updates of the critic", "f(d) − f(dⱼ)"))


STUDIES.add(
    Study(
        "gap_over_k",
        "gain of more critic updates",
        "The curve: by how much j more updates would lower the critic's objective while the generator waits; "
        "the ring: the look-ahead's own k. A curve that is still steep at the ring belongs to a critic far "
        "from its best, and a deeper look-ahead would see more.",
        "20 updates of the critic, thrown away: some hundredths of a second",
        plot,
        sources={SOURCE: ("j", "gain"), AT: ("k", "gain_at_k")},
        axes=(Axis("gap_over_k-j", ("j",)), Axis("gap_over_k-gain", ("gain",))),
        numbers=(Number("total", "gain at the end"), Number("share", "reached at k", percent=True)),
        key=(LegendEntry("gain", "critic", "bold"), LegendEntry("k", "text", "thin")),
        unfit=critic_unread,
    ),
    rank=60,
)
