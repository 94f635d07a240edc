"""What the views along the steps have in common: one linked axis of steps, and every live change marked on it."""

from typing import Any

import holoviews as hv
import numpy as np
from bokeh.core.properties import value
from bokeh.models import BasicTicker, NumeralTickFormatter, Step

from gandyn.live.curves import AHEAD
from gandyn.ui.page import palette
from gandyn.ui.views import Source
from gandyn.ui.views.elements import styled
from gandyn.ui.views.spikes import beside_axis, spikes
from gandyn.ui.views.ticks import number
from gandyn.ui.views.wiring import FIGURE, Wiring

# Live changes, a thin line each on every view along the steps, and the names of the newest: the page places both.
MARKED = (
    Source("marks", ("step",), brought_by="page"),
    Source("mark_labels", ("step", "text", "align", "offset"), brought_by="page", text=("text", "align")),
)
_NONE = np.zeros(1)
FAINT = 0.3  # of the ink: what is kept beyond the step at which the run stands, until something else is done
LATEST = 7  # px across
PROBED = {"f_k", "gap"}  # columns of the source `latest` whose step is `probed`
# px. The same in every figure, so that a step stands at one place in all of them; on the right there is room for half
# of the last tick's label.
MARGIN_LEFT, MARGIN_RIGHT = 60, 22
BOTTOM = 36  # px: the axis of steps and its name
SPIKED = ("losses", "gap", "distance")  # axes that are given to what lies together: a value may be beyond their ends


def curve(wiring: Wiring, source: str, column: str, token: str, width: float = 1.8, dash: str = "solid") -> hv.Overlay:
    """A line through one column of a source, faint where it is beyond the present."""

    def line(name: str, alpha: float) -> hv.Curve:
        return styled(
            hv.Curve((_NONE, _NONE), "step", column),
            color=palette.TOKENS["light"][token],
            alpha=alpha,
            line_width=width,
            line_dash=dash,
            hooks=[wiring.feeds(name, x="step", y=column), themed(token)],
        )

    now = line(source, 1.0)
    return line(source + AHEAD, FAINT) * now


def stairs(wiring: Wiring, source: str, column: str, token: str, width: float = 1.8) -> hv.Overlay:
    """A line that keeps each value of a column until the next: of counts, between which there is nothing."""

    def line(name: str, alpha: float) -> hv.Curve:
        def stepped(plot: Any, element: Any) -> None:
            colour = palette.TOKENS["light"][token]
            glyph = Step(x="step", y=column, mode="after", line_color=colour, line_alpha=alpha, line_width=width)
            plot.handles["glyph_renderer"].glyph = glyph
            tag_theme(glyph, token)

        return styled(hv.Curve((_NONE, _NONE), "step", column), hooks=[wiring.feeds(name), stepped])

    now = line(source, 1.0)
    return line(source + AHEAD, FAINT) * now


def latest(wiring: Wiring, column: str, token: str) -> hv.Points:
    """The value of a curve at this moment, a dot that is no point of it: the curve is what the training sampled."""
    step = "probed" if column in PROBED else "step"
    colour = palette.TOKENS["light"][token]
    return styled(
        hv.Points((_NONE, _NONE)),
        color=colour,
        line_color=colour,
        size=LATEST,
        hooks=[wiring.feeds("latest", x=step, y=column), themed(token)],
    )


def of_latest(*columns: str) -> Source:
    """The source of the latest readings, as a view that draws these columns declares it."""
    steps = ("step", "probed") if PROBED & set(columns) else ("step",)
    return Source("latest", (*steps, *columns), "frame")


def level(y: float) -> hv.HLine:
    """A thin line across the figure."""
    return styled(
        hv.HLine(y),
        color=palette.TOKENS["light"]["line"],
        line_width=1,
        hooks=[lambda plot, _: tag_theme(plot.handles["glyph"], "line")],
    )


def tag_theme(model: Any, token: str = "", **tokens: str) -> None:
    """Let the page recolour the model when its theme changes (web/src/figures/figure_theme.ts): lines, fill and text by
    `token`, properties of the model by theirs.
    """
    model.tags = [f"theme-{token}"] if token else []
    model.tags += [f"theme-{name}={one}" for name, one in tokens.items()]


def themed(token: str = "", **tokens: str) -> Any:
    """A hook that tags the element's glyph."""
    return lambda plot, _: tag_theme(plot.handles["glyph_renderer"].glyph, token, **tokens)


def _marks(wiring: Wiring) -> hv.VLines:
    return styled(
        hv.VLines(_NONE),
        color=palette.TOKENS["light"]["mark"],
        line_width=1,
        line_dash="2 3",
        hooks=[wiring.feeds("marks", x="step"), themed("mark")],
    )


def _mark_labels(wiring: Wiring) -> hv.Labels:
    """The newest changes by name, in the margin above the frame; the page leaves out those without room."""

    text = wiring.feeds(
        "mark_labels", x="step", y=value(1), text="text", text_align="align", x_offset="offset", y_offset=-2
    )
    return styled(
        hv.Labels((_NONE, _NONE, [""])),
        text_color=palette.TOKENS["light"]["muted"],
        text_font=value(palette.FONT),
        text_font_size=f"{palette.SMALL}px",
        text_baseline="bottom",
        hooks=[text, beside_axis, themed("muted")],
    )


def aligned(plot: Any, element: Any) -> None:
    """The same margins in every figure, and names of axes that leave the curves their room."""
    plot.state.update(
        min_border_left=MARGIN_LEFT, min_border_right=MARGIN_RIGHT, min_border_top=6, min_border_bottom=BOTTOM
    )
    _share_height(plot, BOTTOM)
    for axis in plot.state.axis:  # whose name the page writes where it has room (web/src/axis_names.ts)
        axis.update(axis_label_text_font_size=f"{palette.SMALL}px", axis_label_standoff=2, axis_label_text_alpha=0)


def without_steps(plot: Any, element: Any) -> None:
    """Without the axis of steps: the figure right below has it."""
    plot.state.xaxis.visible = False
    plot.state.min_border_bottom = 6
    _share_height(plot, 6)


def _share_height(plot: Any, below: float) -> None:
    """Of several figures below each other each has the same height without what is `below` it, in px."""
    plot.state.stylesheets = [f":host {{ flex: 1 1 {below / 16}rem !important; }}"]


def series(
    wiring: Wiring, curves: hv.Overlay, y: str, label: str, labelled: bool = False, hooks: Any = ()
) -> hv.Overlay:
    """The figure of some curves over the steps. `y` names its range, `labelled` adds the names of the changes."""
    elements = curves * _marks(wiring)
    if y in SPIKED:
        elements = elements * spikes(wiring, y)
    hooks = [wiring.on("step", y), aligned, *hooks]
    if labelled:
        elements = elements * _mark_labels(wiring)
        hooks.append(lambda plot, _: plot.state.update(min_border_top=20))
    return styled(
        elements,
        xlabel="step",
        ylabel=label,
        xformatter=NumeralTickFormatter(format="0,0"),
        xticks=BasicTicker(desired_num_ticks=4, min_interval=1),
        yticks=BasicTicker(desired_num_ticks=4),
        yformatter=number(),
        show_grid=True,
        **FIGURE,
        min_height=60,
        hooks=hooks,
    )
