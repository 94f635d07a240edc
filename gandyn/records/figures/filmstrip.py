"""A filmstrip: where a generator puts its samples, step after step, one row a run."""

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.figure import Figure

from gandyn.records.colours import GENERATED, LIGHT, REAL
from gandyn.records.figures.canvas import BODY, SMALL, figure

Row = tuple[str, Sequence[tuple[int, np.ndarray]]]

BINS = 200  # along an axis of the window
BREADTH = 0.015  # of the window's width: the standard deviation of the Gaussian that smooths
INKS = {"generated": ("#FFFFFF", "#FBC99B", GENERATED, "#4A2000"), "real": ("#FFFFFF", "#9CCBEA", REAL, "#00263D")}
PANEL, GAP, HEAD, MARGIN = 150, 8, 24, 8  # px
LETTER = 12  # px that a letter of a row's label takes, at most


def density(samples: np.ndarray, window: float) -> np.ndarray:
    """The density estimate of samples [n, 1] or [n, 2] in [-window, window]: [BINS] or [BINS, BINS] (y, x).

    A histogram smoothed by a Gaussian, in samples' share per bin. What lies outside, or is NaN, belongs to no bin.
    """
    n, dim = samples.shape
    finite = samples[np.isfinite(samples).all(1)]
    counts, _ = np.histogramdd(finite, BINS, [(-window, window)] * dim)
    bins = np.arange(BINS)
    kernel = np.exp(-0.5 * ((bins[:, None] - bins) / (BREADTH * BINS)) ** 2)
    kernel /= kernel.sum(1).max()
    smooth = kernel @ counts / n
    return smooth if dim == 1 else (smooth @ kernel).T


def outside(samples: np.ndarray, window: float) -> float:
    """The share of samples [n, dim] that the window does not show."""
    return float(1 - (np.abs(samples) <= window).all(1).mean())


def filmstrip(rows: Sequence[Row], real: np.ndarray, window: float) -> Figure:
    """Density estimates, a panel a recorded step: rows of (label, [(step, samples [n, dim]), ...]), dim 1 or 2.

    Every panel shows [-window, window], in data units, and the last of a row the density of the real samples. Ink goes
    by the square root of the density, from 0 to the panel's own peak, so that thin bridges between modes are seen
    beside them. Where 1 % of the samples or more are outside the window, the panel says so. On a line, dim = 1, a panel
    is the curve of the density, over its peak.
    """
    columns = max(len(panels) for _, panels in rows) + 1
    left = MARGIN + LETTER * max(len(label) for label, _ in rows)
    width = left + columns * (PANEL + GAP) + GAP + MARGIN
    headed = _headed(rows)
    height = sum(PANEL + (HEAD if heads else GAP) for heads in headed) + MARGIN
    drawn = figure(width, height, scale=2, layout=None)
    top = height
    for (label, panels), heads in zip(rows, headed, strict=True):
        top -= HEAD if heads else GAP
        at = ((left - 2 * GAP) / width, (top - PANEL / 2) / height)
        drawn.text(*at, label, ha="right", va="center", fontsize=BODY + 1, color=LIGHT["text"])
        places = [*range(len(panels)), columns - 1]
        for place, (step, samples) in zip(places, [*panels, (None, real)], strict=True):
            x = left + place * (PANEL + GAP) + GAP * (step is None)
            axes = drawn.add_axes((x / width, (top - PANEL) / height, PANEL / width, PANEL / height))
            _panel(axes, samples, window, "real" if step is None else "generated")
            if heads:
                head = "real" if step is None else f"{step:,}" if place else f"step {step:,}"
                axes.set_title(head, fontsize=BODY, color=LIGHT["text"], pad=4)
        top -= PANEL
    return drawn


def _headed(rows: Sequence[Row]) -> list[bool]:
    """Which rows bear their steps: those whose steps are not the first ones of the row that bore them last."""
    flags, borne = [], None
    for _, panels in rows:
        steps = [step for step, _ in panels]
        flags.append(borne is None or borne[: len(steps)] != steps)
        borne = steps if flags[-1] else borne
    return flags


def _panel(axes: Axes, samples: np.ndarray, window: float, ink: str) -> None:
    axes.set(xticks=[], yticks=[], xlim=(-window, window))
    for spine in axes.spines.values():
        spine.set(color=LIGHT["line"], linewidth=0.6)
    estimate = density(samples, window)
    peak = estimate.max() or 1.0
    if estimate.ndim == 1:
        places = (np.arange(BINS) + 0.5) / BINS * 2 * window - window
        axes.fill_between(places, estimate / peak, color=INKS[ink][2], linewidth=0)
        axes.set(ylim=(0, 1.08), box_aspect=1)
    else:
        colours = LinearSegmentedColormap.from_list(ink, INKS[ink])
        whole = (-window, window, -window, window)
        axes.imshow(np.sqrt(estimate / peak), colours, origin="lower", extent=whole, vmin=0, vmax=1, aspect="equal")
    if (share := outside(samples, window)) >= 0.01:
        ground = {"facecolor": LIGHT["surface"], "alpha": 0.75, "linewidth": 0, "pad": 1.5}
        text = "all outside" if share == 1 else f"{min(share, 0.99):.0%} outside"
        axes.text(0.04, 0.045, text, transform=axes.transAxes, fontsize=SMALL, color=LIGHT["muted"], bbox=ground)
