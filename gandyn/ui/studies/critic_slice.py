"""The critic along a line through two modes, beside the best one for these densities."""

import holoviews as hv

from gandyn.probes.inputs import critic_unread
from gandyn.ui.studies import STUDIES, Axis, Number, Study
from gandyn.ui.studies.drawing import area, figure, line, on_range, segments
from gandyn.ui.views import LegendEntry
from gandyn.ui.views.wiring import Wiring

SOURCE, MODES = "critic_slice-line", "critic_slice-modes"
HIGH = 3.2  # of the densities' axis: they take the lower third


def plot(wiring: Wiring) -> hv.Overlay:
    range_of = on_range(wiring, "critic_slice-density")
    elements = hv.Overlay(
        [
            area(wiring, SOURCE, "t", "real", "real", 0.3, range_of),
            area(wiring, SOURCE, "t", "generated", "generated", 0.3, range_of),
            segments(wiring, MODES, ("mode_t", 0, "mode_t", HIGH), "mark", 1.0, "2 3", range_of),
            line(wiring, SOURCE, "t", "optimal", "text", 1.8, "6 3"),
            line(wiring, SOURCE, "t", "critic", "critic", 2.4),
        ]
    )
    return figure(
        wiring, elements, ("critic_slice-t", "critic_slice-d"), ("along the line, in units of the data", "critic")
    )


STUDIES.add(
    Study(
        "critic_slice",
        "critic along a line",
        "Thick: the critic along a line through two neighbouring modes (dotted), or along the data's longest "
        "direction (one of packs: fixed ones beside each); filled: the densities of data and generated samples, "
        "and dashed: the best critic for them, of Wasserstein's loss the transport potential as steep as this one. "
        "The generator climbs the thick line, so where it leaves the dashed one the generator is led astray.",
        "a density estimate from 2,000 samples, or the best pairing of 400: some hundredths of a second",
        plot,
        sources={SOURCE: ("t", "critic", "optimal", "real", "generated"), MODES: ("mode_t",)},
        axes=(
            Axis("critic_slice-t", ("t",)),
            Axis("critic_slice-d", ("critic", "optimal")),
            Axis("critic_slice-density", low=0, high=HIGH),
        ),
        numbers=(Number("off", "off the best, root mean square"), Number("slope", "steepest slope")),
        key=(
            LegendEntry("critic", "critic", "bold"),
            LegendEntry("best", "text", "dashed", needs="off"),
            LegendEntry("real", "real", "bar"),
            LegendEntry("generated", "generated", "bar"),
        ),
        unfit=critic_unread,
    ),
    rank=20,
)
