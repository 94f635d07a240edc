"""Lines of equal critic value, across which the generator's samples are drawn."""

import math

import numpy as np
from contourpy import ContourGenerator, LineType, contour_generator

from gandyn.core.experiment import Experiment
from gandyn.core.rng import Rng
from gandyn.core.types import State
from gandyn.probes import PROBES, Arrays, Probe
from gandyn.probes.critic_map import critic_map

FLAT = 1e-30
LINES = 4  # at least that many on each side of the middle


def levels_of(values: np.ndarray, middle: float) -> np.ndarray:
    """The values [L], rising, at which lines are drawn beside the one at the middle; none on a flat map.

    Equal steps of the raw value from the middle, of 1, 2 or 5 times a power of ten, so that LINES to 2.5 LINES of
    them on each side reach to where 95 % of the map lies: the step changes seldom while the critic grows.
    """
    far = np.abs(values - middle)
    far = far[np.isfinite(far)]
    most = int(0.95 * (far.size - 1))
    reach = float(np.partition(far, most)[most]) if far.size else 0.0
    if not FLAT < reach < math.inf:
        return np.array([])
    power = 10.0 ** math.floor(math.log10(reach / LINES))
    step = power * max(f for f in (1, 2, 5) if f * power <= reach / LINES * (1 + 1e-9))
    steps = np.arange(1, math.floor(reach / step + 1e-9) + 1)
    return middle + step * np.concatenate([-steps[::-1], steps])


def tracer_of(values: np.ndarray, line: np.ndarray) -> ContourGenerator:
    """What traces lines in values [m, m] at the points (line[column], line[row]); it leaves out places where they are
    not finite.
    """
    finite = np.isfinite(values)
    z = values.astype(np.float64) if finite.all() else np.ma.masked_array(values, ~finite, np.float64)
    return contour_generator(line, line, z, line_type=LineType.ChunkCombinedNan)


def lines(tracer: ContourGenerator, levels: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """x and y of all lines at these levels, NaN between two of them, in float32; empty where there are none."""
    gap = np.full((1, 2), np.nan)
    pieces: list[np.ndarray] = []
    for level in levels:
        points = tracer.lines(float(level))[0][0]  # one chunk: all lines of this level
        if points is not None:
            pieces += [gap, points] if pieces else [points]
    xy = np.concatenate(pieces).astype(np.float32) if pieces else np.empty((0, 2), np.float32)
    return np.ascontiguousarray(xy[:, 0]), np.ascontiguousarray(xy[:, 1])


def contours(
    experiment: Experiment,
    state: State,
    rng: Rng,
    *,
    m: int = 64,
    half_width: float | None = None,
    critic: Arrays | None = None,
) -> Arrays:
    """Lines of equal critic value in data units, NaN-separated, in float32.

    `x`, `y` [*]: all lines but the middle one; `mid_x`, `mid_y` [*]: the line at the middle, "cannot tell" (see
    critic_map.middle_of); `levels` [L]: the values of the former. m and half_width as in critic_map; `critic` is what
    critic_map returned for the same moment, where it was asked already.
    """
    critic = critic_map(experiment, state, rng, m=m, half_width=half_width) if critic is None else critic
    values, middle = critic["values"], float(critic["middle"])
    levels = levels_of(values, middle)
    tracer = tracer_of(values, critic["line"])
    x, y = lines(tracer, levels)
    mid_x, mid_y = lines(tracer, np.array([middle]))
    return {"x": x, "y": y, "mid_x": mid_x, "mid_y": mid_y, "levels": levels}


PROBES.add(Probe("contours", "lines of equal critic value", contours), rank=2)
