"""Where the real samples are and where the generated ones: one moment, or the frames of a movie."""

from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import MaxNLocator
from PIL import Image

from gandyn.records.colours import GENERATED, LIGHT, OUTLINE, REAL
from gandyn.records.figures.canvas import BODY, dress, figure, pixels

SIDE = 480  # px of the whole picture
DOTS = 300  # of each kind in a movie, which they are most bytes of
FRAME = (0.115, 0.1, 0.865, 0.83)  # left, bottom, width, height of the axes, in shares of the picture
BARS = 61  # along the line, where samples are numbers; odd, so that one has 0 in its middle


def scatter(real: np.ndarray, generated: np.ndarray, window: float, step: int | None = None) -> Figure:
    """Real samples [n, dim] as blue circles, generated ones [m, dim] as vermilion triangles, dim 1 or 2.

    The axes are [-window, window] in data units, both ways and always, so pictures of one run lie on one another. Where
    samples are numbers, dim = 1, both have a histogram, the share of the samples in each of BARS bars; its axis ends at
    twice the highest real bar, so a collapsed generator's bar may leave the picture.
    """
    drawn = figure(SIDE, SIDE, scale=2, layout=None)
    _draw(drawn, real, window).show(generated, step)
    return drawn


class Scatter:
    """`scatter` before the same real samples again and again: what does not change is drawn once."""

    def __init__(self, real: np.ndarray, window: float, scale: float = 2.0) -> None:
        """`scale`: pictures have SIDE px times it a side."""
        self._figure = figure(SIDE, SIDE, scale=scale, layout=None)
        self._moving = _draw(self._figure, real, window)
        self._ground: Any = None

    def __call__(self, generated: np.ndarray, step: int | None) -> Image.Image:
        """The picture of these generated samples, pixel by pixel that of `scatter`."""
        canvas, axes = self._figure.canvas, self._figure.axes[0]
        assert isinstance(canvas, FigureCanvasAgg)
        if self._ground is None:
            for artist in self._moving.artists:
                artist.set_animated(True)  # not part of what is drawn once
            canvas.draw()
            self._ground = canvas.copy_from_bbox(self._figure.bbox)
        canvas.restore_region(self._ground)
        self._moving.show(generated, step)
        for artist in self._moving.artists:
            axes.draw_artist(artist)
        return pixels(canvas)


def frames(
    real: np.ndarray, moments: Iterable[tuple[int, np.ndarray]], window: float, scale: float = 1.0
) -> Iterator[Image.Image]:
    """`scatter` for every (step, generated samples) in turn, with the step in the corner; 480 x 480 px at scale 1.

    In the plane it shows the first DOTS samples of each kind.
    """
    most = DOTS if real.shape[1] == 2 else None
    show = Scatter(real[:most], window, scale)
    for step, generated in moments:
        yield show(generated[:most], step)


class _Moving:
    """The generated samples and the step in a Figure that has all the rest."""

    def __init__(self, axes: Axes, marks: Line2D, window: float) -> None:
        self.marks = marks
        self.step = axes.text(1, 1.025, "", transform=axes.transAxes, ha="right", fontsize=BODY, color=LIGHT["text"])
        # The lines of the axes lie over the samples, so they are drawn after them; all else is where no sample can be.
        self.artists: tuple[Artist, ...] = (marks, axes.spines["left"], axes.spines["bottom"], self.step)
        self._window = window

    def show(self, generated: np.ndarray, step: int | None) -> None:
        flat = generated.shape[1] == 1
        self.marks.set_data(*(_histogram(generated, self._window) if flat else generated.T))
        self.step.set_text("" if step is None else f"step {step:,}")


def _draw(drawn: Figure, real: np.ndarray, window: float) -> _Moving:
    axes = drawn.add_axes(FRAME)
    dress(axes)
    axes.set(xlim=(-window, window), box_aspect=1)
    if real.shape[1] == 1:
        edges, shares = _histogram(real, window)
        axes.fill_between(edges, shares, step="post", color=REAL, alpha=0.45, linewidth=0, label="real")
        (marks,) = axes.plot([], [], color=GENERATED, linewidth=1.8, drawstyle="steps-post", label="generated")
        axes.set(xlabel="x", ylabel="share of the samples", ylim=(0, 1.02 * (min(1, 2 * shares.max()) or 1)))
    else:
        style: dict[str, Any] = {"linestyle": "none", "markeredgecolor": OUTLINE}
        axes.plot(*real.T, **style, marker="o", color=REAL, markersize=4.2, markeredgewidth=0.35, label="real")
        (marks,) = axes.plot(
            [], [], **style, marker="^", color=GENERATED, markersize=5.4, markeredgewidth=0.45, label="generated"
        )
        axes.set(xlabel="x₁", ylabel="x₂", ylim=(-window, window), aspect="equal")
        for axis in (axes.xaxis, axes.yaxis):
            axis.set_major_locator(MaxNLocator(6, steps=[1, 2, 5, 10]))
    for axis in (axes.xaxis, axes.yaxis):
        axis.labelpad = 2
    axes.legend(
        loc="lower left", bbox_to_anchor=(0, 1), ncols=2, frameon=False, borderaxespad=0.2, fontsize=9, handlelength=1
    )
    return _Moving(axes, marks, window)


def _histogram(samples: np.ndarray, window: float) -> tuple[np.ndarray, np.ndarray]:
    """(left edges, shares) [BARS + 1] of samples [n, 1]: the last edge is the window's, with the last share again."""
    counts, edges = np.histogram(samples[np.isfinite(samples)], BARS, (-window, window))
    return edges, np.append(counts, counts[-1:]) / len(samples)
