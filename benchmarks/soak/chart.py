"""A soak as a picture: what each session has by their number, and the server minute by minute."""

from __future__ import annotations

from typing import Any

from matplotlib.figure import Figure

from gandyn.records.colours import GENERATED, LIGHT, REAL
from gandyn.records.figures.canvas import SMALL, dress, figure

WIDTH, HEIGHT = 900, 300  # px


def chart(rows: list[dict[str, Any]], minutes: list[dict[str, Any]]) -> Figure:
    """Frames and steps a second of each session, delays; then memory over the minutes of the long run."""
    drawn = figure(WIDTH, HEIGHT, scale=1.5)
    rates, delays, memory = drawn.subplots(1, 3)
    counts = [row["sessions"] for row in rows]
    rates.plot(counts, [row["steps"][0] for row in rows], "o-", color=GENERATED, label="steps/s of each")
    rates.plot(counts, [row["fps"][0] for row in rows], "s--", color=REAL, label="frames/s of each")
    rates.set_xlabel("sessions")
    rates.legend(frameon=False, ncols=2, fontsize=SMALL, loc="lower left", bbox_to_anchor=(0, 1))
    delays.plot(counts, [1000 * (row["delay"] or 0) for row in rows], "o-", color=GENERATED)
    delays.set_xlabel("sessions")
    delays.set_ylabel("slider -> frame, 95 %, ms")
    memory.plot([one["at"] / 60 for one in minutes], [one["megabytes"] for one in minutes], "o-", color=GENERATED)
    memory.set_xlabel("minutes of people")
    memory.set_ylabel("MB of all processes")
    for axes in (rates, delays, memory):
        dress(axes)
        axes.set_ylim(0, 1.06 * axes.get_ylim()[1])
        axes.grid(color=LIGHT["grid"], linewidth=0.8)
        axes.set_axisbelow(True)
    return drawn
