"""What the numbers of a run did along its steps: one picture, one panel a quantity."""

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import PercentFormatter

from gandyn.records.colours import LIGHT
from gandyn.records.figures.canvas import along_steps, dress, figure, whole_numbers

LONG = 250  # points; of a longer series the mean is drawn over the pale numbers themselves
BINS = 1000  # along the steps, about one a pixel
BREADTH = 0.01  # of the whole run: the standard deviation of the mean's weights
PANEL, MARGIN, WIDTH = 190, 40, 900  # px


class Line(NamedTuple):
    """One column of a panel."""

    column: str
    label: str
    token: str  # of the palette
    dash: str = "solid"


PANELS: tuple[tuple[str, tuple[Line, ...]], ...] = (
    ("loss", (Line("critic_loss", "critic", "critic"), Line("generator_loss", "generator", "generated"))),
    ("f", (Line("f", "f, the critic as it is", "critic"), Line("f_k", "f after k more updates", "covered", "dashed"))),
    ("gap", (Line("gap", "gap f − f$_k$: what k more updates gain the critic", "text"),)),
    ("Fréchet", (Line("frechet", "Fréchet distance to real digits, n = 10,000", "generated"),)),
    ("modes", (Line("covered", "modes covered", "covered"),)),
    ("share", (Line("hq", "samples within 3 σ of a mode", "real"), Line("accuracy", "critic's accuracy", "critic"))),
)
IN_LOSS_UNITS = ("loss", "f", "gap")


def curves(columns: Mapping[str, np.ndarray], unit: str = "", modes: int | None = None) -> Figure:
    """Columns of one length by name: `steps`, and any of those that PANELS names, in that order from above.

    NaN and infinities stand for what was not measured at a step. `unit` is that of the losses: "nats" for
    cross-entropies; `modes` how many modes the target has, up to which their axis goes. A column that is absent or has
    no number is left out, and so are `f`, `f_k` and `gap` where the gap is 0 all along, that is without look-ahead. A
    long series is drawn pale, its smallest and largest value in every thousandth of the run, under its mean; the number
    of modes, which jumps, as it is.
    """
    there = {name: values for name, values in columns.items() if np.isfinite(values).any()}
    if not np.nan_to_num(there.get("gap", np.zeros(1))).any():
        there = {name: values for name, values in there.items() if name not in ("f", "f_k", "gap")}
    panels = [(label, [line for line in lines if line.column in there]) for label, lines in PANELS]
    panels = [(label, lines) for label, lines in panels if lines]
    if "steps" not in there or not panels:
        raise ValueError("there are no curves without steps and a column such as critic_loss")
    drawn = figure(WIDTH, PANEL * len(panels) + MARGIN, scale=1.5)
    grid = drawn.subplots(len(panels), sharex=True, squeeze=False)[:, 0]
    for axes, (label, lines) in zip(grid, panels, strict=True):
        _panel(axes, label, lines, there, unit)
        if label == "modes" and modes:
            axes.set_ylim(top=1.04 * modes)
    grid[-1].set_xlabel("step")
    drawn.align_ylabels(grid)
    return drawn


def _panel(axes: Axes, label: str, lines: list[Line], columns: Mapping[str, np.ndarray], unit: str) -> None:
    dress(axes)
    along_steps(axes)
    for line in lines:
        finite = np.isfinite(columns[line.column])
        steps, values = columns["steps"][finite], columns[line.column][finite]
        style: dict[str, Any] = {"color": LIGHT[line.token], "linestyle": line.dash, "label": line.label}
        if label == "modes":
            axes.plot(*extremes(steps, values), **style, linewidth=1.6, drawstyle="steps-post")
        elif len(steps) > LONG:
            axes.plot(*extremes(steps, values), color=LIGHT[line.token], alpha=0.28, linewidth=0.6)
            axes.plot(*mean(steps, values), **style, linewidth=1.8)
        else:
            axes.plot(steps, values, **style, linewidth=1.6, marker="." if len(steps) == 1 else None)
    axes.set_ylabel(f"{label} ({unit})" if unit and label in IN_LOSS_UNITS else label)
    if label == "modes":
        whole_numbers(axes.yaxis)
        axes.set_ylim(-0.3)
    if label == "share":
        axes.set_ylim(-0.04, 1.04)
        axes.yaxis.set_major_formatter(PercentFormatter(1))
    # Above the frame, where no curve can be.
    axes.legend(
        loc="lower left", bbox_to_anchor=(0, 1), ncols=3, frameon=False, borderaxespad=0.2, fontsize=9, handlelength=1.8
    )


def _bins(steps: np.ndarray) -> np.ndarray:
    """The bin of every step, 0 to BINS - 1."""
    first, last = float(steps.min()), float(steps.max())
    return np.minimum(((steps - first) / max(last - first, 1) * BINS).astype(int), BINS - 1)


def extremes(steps: np.ndarray, values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(steps, values) of at most 2 BINS points in order: every bin's smallest and largest value, so no peak is lost."""
    order = np.lexsort((values, _bins(steps)))
    ends = np.flatnonzero(np.diff(_bins(steps)[order], prepend=-1, append=BINS))
    picked = np.unique(np.concatenate([order[ends[:-1]], order[ends[1:] - 1]]))
    return steps[picked], values[picked]


def mean(steps: np.ndarray, values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(steps, means) at every bin that holds a point: Gaussian weights by the distance in steps, at the ends one-sided.

    It does not matter how densely the steps were logged: ref. Nadaraya 1964, Watson 1964.
    """
    bins = _bins(steps)
    counts = np.bincount(bins, minlength=BINS).astype(float)
    sums = np.bincount(bins, values, BINS)
    places = np.bincount(bins, steps, BINS)
    reach = round(4 * BREADTH * BINS)
    kernel = np.exp(-0.5 * (np.arange(-reach, reach + 1) / (BREADTH * BINS)) ** 2)
    there = counts > 0
    smooth = np.convolve(sums, kernel, "same")[there] / np.convolve(counts, kernel, "same")[there]
    return places[there] / counts[there], smooth
