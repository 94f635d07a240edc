"""The past of a run at a glance: how long its line is, its changes and branches, and a strip of small densities."""

from __future__ import annotations

from typing import Any

import numpy as np

from gandyn.core.bounds import MEGABYTE
from gandyn.core.lanes import select_lane
from gandyn.core.rng import Rng
from gandyn.live.curves import marks
from gandyn.live.differences import in_words
from gandyn.live.frame import Column
from gandyn.live.run import Run
from gandyn.probes.inputs import generate
from gandyn.probes.window import columns
from gandyn.timeline.kept import Moment, kept_until
from gandyn.timeline.line import Line, difference
from gandyn.timeline.timeline import Timeline

PICTURES = 16  # of a strip, at least half as many
SIDE = 24  # cells of a picture
POINTS = 500  # samples in a picture
NEW = 2  # pictures that are made at once at most while it plays: a frame does not wait for a strip


class Past:
    """The bar under the stage: what it needs to know, and the pictures along it, each made once."""

    def __init__(self) -> None:
        self._pictures: dict[tuple[Line, int, int], np.ndarray] = {}

    def show(self, run: Run, lane: int, window: float, *, settled: bool) -> tuple[dict[str, Any], list[Column]]:
        """(what the frame's header says of the past, the strip as the source `film`); `settled`: all pictures of it."""
        timeline = run.timeline
        lines, line = list(timeline.lines), timeline.line
        path = line.path()
        header = {
            "start": lines[0].start,
            "stop": max(line.stop, timeline.step),
            "events": marks(line.events(line.stop), line.stop),
            "line": lines.index(line),
            "lines": [
                {
                    "start": _departure(one, path),
                    "stop": one.stop,
                    "label": "" if one is line else in_words(difference(line.tip, one.tip)),
                }
                for one in lines
            ],
            "kept": [round(timeline.kept.used / MEGABYTE, 1), round(timeline.kept.budget / MEGABYTE, 1)],
        }
        return header, self._strip(run, lane, window, len(path) * PICTURES if settled else NEW)

    def _strip(self, run: Run, lane: int, window: float, most: int) -> list[Column]:
        """Pictures of kept states, where the line passes the multiples of a power of two."""
        chosen = spread(run.timeline)
        new = 0
        strip: list[tuple[int, np.ndarray]] = []
        known = {(owner, moment.state.step, lane): (owner, moment) for owner, moment in chosen}
        self._pictures = {key: picture for key, picture in self._pictures.items() if key in known}
        for key, (owner, moment) in known.items():
            if key not in self._pictures and new < most:
                new += 1
                self._pictures[key] = _picture(run, owner, moment, lane, window)
            if key in self._pictures:
                strip.append((moment.state.step, self._pictures[key]))
        if not strip:
            return []
        steps, pictures = zip(*strip, strict=True)
        return [
            Column("film", "image", np.stack(pictures), 1 / 255),
            Column("film", "step", np.array(steps, np.int32)),
        ]


def spread(timeline: Timeline) -> list[tuple[Line, Moment]]:
    """Kept states of this line, each with the line that made it: the first at or after each multiple of a power of two
    that divides the line into 8 to 16 parts, so that a longer line keeps the pictures of a shorter one.
    """
    line, start = timeline.line, timeline.lines[0].start
    length = max(1, line.stop - start)
    apart = 1 << max(0, (length // (PICTURES // 2)).bit_length() - 1)
    chosen: dict[int, tuple[Line, Moment]] = {}
    for owner, moment in kept_until(line, line.stop):
        chosen.setdefault(-(-moment.state.step // apart), (owner, moment))
    return list(chosen.values())


def _picture(run: Run, owner: Line, moment: Moment, lane: int, window: float) -> np.ndarray:
    """The density of the generated samples [SIDE, SIDE] as uint8, the first row on top: dark where many are."""
    experiment, state = owner.before(moment.state.step), moment.state
    if run.lanes:
        experiment, state = select_lane(experiment, state, lane)
    x, y = columns(generate(experiment, state, POINTS, Rng(experiment.seed)))
    edges = np.linspace(-window, window, SIDE + 1)
    counts = np.histogram2d(-y, x, [edges, edges])[0]
    return np.round(255 * np.sqrt(counts / max(1.0, counts.max()))).astype(np.uint8)


def _departure(line: Line, path: list[Line]) -> int:
    """The step after which a line is no longer the one on which the run stands."""
    following = path[path.index(line) + 1 :] if line in path else []
    return following[0].start if following else line.start
