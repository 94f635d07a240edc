"""All measures of the samples as a table: value, what real samples get, and how far the one is from the other."""

from typing import Any

import holoviews as hv
import numpy as np
from bokeh.models import (
    BoxAnnotation,
    ColumnDataSource,
    CustomJS,
    CustomJSTickFormatter,
    FixedTicker,
    LinearAxis,
)

from gandyn.core.experiment import Experiment
from gandyn.probes.reference import RIVALS
from gandyn.probes.sample_measures import MEASURES
from gandyn.probes.scorecard import N, excess_on_axis
from gandyn.records import strict_json as json
from gandyn.ui.studies import STUDIES, Axis, Number, Study
from gandyn.ui.studies.drawing import dots, figure, segments, upright
from gandyn.ui.views import LegendEntry
from gandyn.ui.views.series import tag_theme
from gandyn.ui.views.ticks import EVERY_LABEL
from gandyn.ui.views.wiring import Wiring

SOURCE = "scorecard-rows"
TITLES = [measure.title for measure in MEASURES.values()]
SHARES = [measure.form.endswith("%}") for measure in MEASURES.values()]
BAND = float(excess_on_axis(np.array(2.0)))  # deviations that real samples are apart, about 19 times of 20
TICKS = [0.0, 10.0, 100.0, 1000.0]
LEFT, NAMES = -1.1, 118  # where the axis begins; pixels of the names
BLANK = " "  # the name of an axis that needs none: the colours of the columns are in the key
ROOMY = "roomy-20"  # rem: in a narrower figure the column would leave the dots no room (web/src/figures/axis_names.ts)
ROWS: Any = FixedTicker(ticks=[-float(row) for row in reversed(range(len(TITLES)))])
# The number of a column that stands in the row of a tick, as it is written.
WRITE = f"""
const i = Array.from(source.data.row).indexOf(tick), share = {json.dumps(SHARES)}[-tick]
if (i === -1) return ""
const value = source.data[name][i]
const percent = () => (100 * value).toFixed(value < 0.9995 ? 1 : 0) + " %"
const plain = () => String(Number(value.toPrecision(Math.abs(value) < 0.1 ? 2 : 3)))
return (share ? percent() : plain()).replace("-", "−")
"""


def plot(wiring: Wiring) -> hv.Overlay:
    table = hv.Overlay(
        [
            segments(wiring, SOURCE, (0, "row", "place", "row"), "generated", 2.0),
            dots(wiring, SOURCE, "place", "row", "generated"),
            upright(0.0),
        ]
    )
    return figure(
        wiring,
        table,
        ("scorecard-place", "scorecard-row"),
        ("deviations from real: right is worse", BLANK),
        lambda plot, _: _table(plot.state, wiring.sources[SOURCE]),
        xticks=FixedTicker(ticks=[float(excess_on_axis(np.array(tick))) for tick in TICKS]),
        xformatter=CustomJSTickFormatter(code="return String(Math.round(10 ** tick - 1))"),
        yticks=ROWS,
        yformatter=CustomJSTickFormatter(code=f'return {json.dumps(TITLES)}[-tick] ?? ""'),
        show_grid=False,
    )


def _table(figure: Any, source: ColumnDataSource) -> None:
    """The band of real samples, room for the names of the measures, and two columns of numbers."""
    band = BoxAnnotation(left=-BAND, right=BAND, level="underlay", fill_alpha=0.18, line_color=None)
    tag_theme(band, fill_color="real")
    figure.add_layout(band)
    figure.min_border_left = NAMES
    for column in ("value", "real"):
        token = {"value": "warning", "real": "accent"}[column]  # the colours of the key, dark enough to be read as text
        written: Any = CustomJSTickFormatter(code=WRITE, args={"source": source, "name": column})
        numbers = LinearAxis(ticker=ROWS, formatter=written, axis_label=BLANK, axis_label_standoff=0)
        numbers.major_label_standoff = 6
        numbers.axis_label_text_font_size = "1px"
        numbers.update(axis_line_alpha=0, major_tick_line_alpha=0, major_tick_out=0, major_tick_in=0)
        tag_theme(numbers, major_label_text_color=token)
        if column == "real":  # of which the band says where it is
            numbers.tags = [*numbers.tags, ROOMY]
        figure.add_layout(numbers, "right")
    for axis in figure.yaxis:  # in a low figure, too: a row without its name says nothing
        axis.tags = [*axis.tags, EVERY_LABEL]
    # What an axis says is laid out when its formatter changes, not when what that reads does.
    anew = CustomJS(args={"formatter": figure.right[0].formatter}, code="formatter.change.emit()")
    source.js_on_change("data", anew)


def _unfit(experiment: Experiment) -> str:
    return "" if experiment.target.shape in ((1,), (2,)) else "the samples are neither on a line nor in the plane"


STUDIES.add(
    Study(
        "scorecard",
        "all measures",
        f"A row a measure: its value for {N} generated samples, what as many real samples get, and the distance between"
        f" the two in standard deviations of {len(RIVALS)} draws of real samples. Within the band samples are as good"
        " as real ones by that measure; a measure alone says little, so look which of them are far out.",
        f"all measures of {N} samples: some hundredths of a second, and once half a second for a new target",
        plot,
        sources={SOURCE: ("row", "value", "real", "place")},
        axes=(
            Axis("scorecard-place", ("place",), low=LEFT),
            Axis("scorecard-row", low=-len(TITLES) + 0.4, high=0.6),
        ),
        numbers=(Number("worst", "farthest out"), Number("n", "samples")),
        key=(
            LegendEntry("generated", "generated"),
            LegendEntry("real", "real"),
            LegendEntry("real ± 2 deviations", "real", "band"),
        ),
        unfit=_unfit,
    ),
    rank=15,
)
