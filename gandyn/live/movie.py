"""The past of runs as a movie of their stages, side by side."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

from PIL import Image

from gandyn.core.lanes import select_lane
from gandyn.core.rng import Rng
from gandyn.live.recording import Progress, moments, stand
from gandyn.live.run import Run
from gandyn.probes.inputs import generate, reals
from gandyn.probes.window import half_width
from gandyn.records.figures.film import captioned, film
from gandyn.records.figures.scatter import DOTS, Scatter

POINTS = 2500  # samples on a line, of whose histogram the picture is


class Stage:
    """Pictures of one run, before axes and real samples that are drawn once."""

    def __init__(self, run: Run, lane: int, label: str) -> None:
        self._run, self._lane, self._label = run, lane, label
        self._window = 0.0
        self._ground: tuple[object, Scatter] | None = None  # for which target and window

    def picture(self) -> Image.Image:
        """Where it stands; the window never shrinks, as on the page."""
        run = self._run
        now, state = run.experiment, run.state
        if run.lanes:
            now, state = select_lane(now, state, self._lane)
        self._window = max(self._window, half_width(now.target))
        n = DOTS if now.target.shape == (2,) else POINTS
        drawn = now.target, self._window
        if self._ground is None or self._ground[0] != drawn:
            self._ground = drawn, Scatter(reals(now, n, Rng(now.seed)).numpy(), self._window, 1.0)
        picture = self._ground[1](generate(now, state, n, Rng(now.seed)).float().cpu().numpy(), state.step)
        return captioned(picture, self._label) if self._label else picture


def movie(
    runs: Sequence[Run], last: int, progress: Progress, suffix: str, *, lane: int = 0, labels: Sequence[str] = ("",)
) -> bytes:
    """The file, of that suffix, of runs that are moved: from their first step to step `last`, as many as are recorded.

    `labels`: what stands above each of several. ValueError with one line where the suffix needs what is not installed.
    `progress` counts each picture twice: as it is drawn, and as it is encoded.
    """
    tips = [min(last, run.timeline.line.stop) for run in runs]
    steps = moments(min(run.timeline.lines[0].start for run in runs), max(tips))
    whole = 2 * len(steps)
    stages = [Stage(run, lane, label) for run, label in zip(runs, labels, strict=True)]

    def pictures() -> Iterator[Image.Image]:
        for done, step in enumerate(steps):
            progress(done, whole)
            for run, tip in zip(runs, tips, strict=True):
                stand(run, min(step, tip), lambda done=done: progress(done, whole))
            yield _beside([stage.picture() for stage in stages])

    furthest = 0

    def encoded(i: int, of: int) -> None:
        nonlocal furthest
        furthest = max(furthest, i)  # at the end the first one is asked for once more
        progress(of + furthest, whole)

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, f"movie{suffix}")
        film(pictures(), path, encoded)
        progress(whole, whole)
        return path.read_bytes()


def _beside(pictures: Sequence[Image.Image]) -> Image.Image:
    whole = Image.new("RGB", (sum(one.width for one in pictures), pictures[0].height), "white")
    left = 0
    for one in pictures:
        whole.paste(one, (left, 0))
        left += one.width
    return whole
