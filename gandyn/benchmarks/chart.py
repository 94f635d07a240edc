"""The ratios as a picture: a bar a row, a line from the lowest to the highest pair, a mark at what is wanted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from gandyn.records.colours import GENERATED, LIGHT, REAL
from gandyn.records.figures.canvas import SMALL, dress, figure

BAR, MARGIN, WIDTH = 26, 92, 900  # px


def chart(rows: Sequence[Mapping[str, Any]]) -> Figure:
    """Of the rows that were measured. Whether a mark lies inside its bar needs no colour to be seen."""
    measured = [row for row in rows if row["ratio"] is not None]
    drawn = figure(WIDTH, BAR * len(measured) + MARGIN, scale=1.5)
    axes = drawn.subplots()
    dress(axes)
    for at, row in enumerate(measured):
        _bar(axes, at, row)
    axes.axvline(1, color=LIGHT["line"], linewidth=1)
    axes.set_xscale("log", base=2)
    axes.xaxis.set_major_formatter(lambda value, place: f"{value:g}")
    axes.set_xlim(0.5)
    axes.set_ylim(len(measured) - 0.4, -0.6)
    axes.set_yticks(range(len(measured)), [row["name"] for row in measured])
    axes.tick_params(axis="y", length=0, labelcolor=LIGHT["text"])
    axes.set_xlabel("times as fast as the same training in plain PyTorch (or by the library named); logarithmic")
    axes.grid(axis="x", color=LIGHT["grid"], linewidth=0.8)
    axes.set_axisbelow(True)
    handles, labels = axes.get_legend_handles_labels()
    entries = dict(zip(labels, handles, strict=True))  # each once
    style = {"ncols": 4, "frameon": False, "fontsize": SMALL + 1}
    axes.legend(entries.values(), entries.keys(), loc="lower left", bbox_to_anchor=(0, 1), **style)
    return drawn


def _bar(axes: Axes, at: int, row: Mapping[str, Any]) -> None:
    axes.barh(at, row["ratio"] - 0.5, left=0.5, height=0.62, color=REAL, alpha=0.75, label="median")
    axes.plot([row["low"], row["high"]], [at, at], color=LIGHT["text"], linewidth=1.4, label="lowest to highest pair")
    if row["wanted"] is not None:
        axes.plot(row["wanted"], at, "D", color=GENERATED, markeredgecolor="white", markersize=7, label="wanted")
    if row["goal"] is not None:
        axes.plot(row["goal"], at, "D", color="white", markeredgecolor=GENERATED, markersize=7, label="goal")
