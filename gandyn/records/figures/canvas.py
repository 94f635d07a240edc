"""Matplotlib without its global state: a Figure with a canvas of its own, and how its axes are dressed."""

from pathlib import Path
from typing import Literal

import numpy as np
from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.layout_engine import ConstrainedLayoutEngine
from matplotlib.ticker import MaxNLocator, StrMethodFormatter
from PIL import Image

from gandyn.records.colours import LIGHT
from gandyn.records.disk import write_picture

DPI = 100  # sizes below are in px at this resolution
SMALL, BODY = 8.0, 9.5  # pt: ticks; labels


def figure(
    width: float, height: float, *, scale: float = 1.0, layout: Literal["constrained"] | None = "constrained"
) -> Figure:
    """A white Figure, width x height in px times `scale`. With layout None the axes are placed by hand."""
    fig = Figure((width / DPI, height / DPI), DPI * scale, facecolor=LIGHT["surface"], layout=layout)
    FigureCanvasAgg(fig)
    engine = fig.get_layout_engine()
    if isinstance(engine, ConstrainedLayoutEngine):
        engine.set(w_pad=0.1, h_pad=0.06)
    return fig


def image(drawn: Figure) -> Image.Image:
    """The picture, RGB."""
    canvas = drawn.canvas
    assert isinstance(canvas, FigureCanvasAgg)
    canvas.draw()
    return pixels(canvas)


def pixels(canvas: FigureCanvasAgg) -> Image.Image:
    """What has been drawn on the canvas, RGB."""
    return Image.fromarray(np.asarray(canvas.buffer_rgba())).convert("RGB")


def save(drawn: Figure, path: Path) -> None:
    """Write the picture; the suffix says how (.png)."""
    write_picture(path, image(drawn))


def dress(axes: Axes) -> None:
    """The look of every plot: thin grey axes to the left and below, muted ticks."""
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)
    for side in ("left", "bottom"):
        axes.spines[side].set(color=LIGHT["line"], linewidth=0.8)
    axes.tick_params(colors=LIGHT["line"], labelcolor=LIGHT["muted"], labelsize=SMALL, width=0.8, length=3)
    axes.xaxis.label.set(color=LIGHT["text"], fontsize=BODY)
    axes.yaxis.label.set(color=LIGHT["text"], fontsize=BODY)


def whole_numbers(axis: Axis, **params: int) -> None:
    """Ticks at whole numbers alone; `params`: of matplotlib's MaxNLocator."""
    locator = axis.get_major_locator()
    assert isinstance(locator, MaxNLocator)
    locator.set_params(integer=True, **params)


def along_steps(axes: Axes) -> None:
    """The axis of the steps: whole numbers with commas, and a grid."""
    whole_numbers(axes.xaxis, nbins=7)
    axes.xaxis.set_major_formatter(StrMethodFormatter("{x:,.0f}"))
    axes.grid(color=LIGHT["grid"], linewidth=0.8)
    axes.set_axisbelow(True)
    axes.margins(x=0.01)
