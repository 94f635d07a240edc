"""Points in the plane as a short text that fits into a link: to three digits of their extent, two characters a point.

`X,Y,R~GAPS`: each point lies in a cell of a grid of SIDE x SIDE over the square of half-width R around (X, Y). The
cells are numbered row by row from the lower left, the points are in the order of their cells, and GAPS are the
differences of one number to the next, the first one to 0: five bits a character, the lowest first, in the alphabet of
base64url, where the upper half of the alphabet says that more of the same number follows. So the order of the points
is not kept, and what is kept does not depend on it. web/src/own_data/point_text.ts is the same in the page. Registers
nothing.
"""

from __future__ import annotations

import math
import re

import numpy as np

SIDE = 1023  # cells across; odd, so that the middle is in one
MOST = 4000  # points in a text
ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
HALF = (SIDE - 1) // 2  # of them on either side of the middle
BITS, MORE = 5, 32  # of a number in a character; what is added where another one follows
FORM = re.compile(r"([^,~]+),([^,~]+),([^,~]+)~([A-Za-z0-9_-]+)")
LARGEST = 1e6  # of a coordinate
_CODES = np.full(128, -1, np.int64)
_CODES[np.frombuffer(ALPHABET.encode(), np.uint8)] = np.arange(len(ALPHABET))


def encode(points: np.ndarray) -> str:
    """The text of finite points [n, 2], 1 to MOST of them."""
    low, high = points.min(0), points.max(0)
    extent, largest = float((high - low).max()), float(np.abs(points).max())
    around = largest <= 2 * extent  # the origin is near: that is the middle, and a drawing that grows keeps its cells
    x, y = (0.0, 0.0) if around else (float(f"{value:.7g}") for value in (low + high) / 2)
    reach = _rounded_up(float(np.abs(points - [x, y]).max()))
    cells = np.clip(np.round((points - [x, y]) / reach * HALF), -HALF, HALF).astype(np.int64) + HALF
    numbers = np.sort(cells[:, 1] * SIDE + cells[:, 0])
    return f"{x:.7g},{y:.7g},{reach:.3g}~" + "".join(map(_digits, np.diff(numbers, prepend=0).tolist()))


def _digits(number: int) -> str:
    text = ""
    while number >= MORE:
        text += ALPHABET[number % MORE + MORE]
        number >>= BITS
    return text + ALPHABET[number]


def _rounded_up(reach: float) -> float:
    """The next number of three digits; 1 for 0, where all points are one."""
    if reach <= 0:
        return 1.0
    power = 10.0 ** (math.floor(math.log10(reach)) - 2)
    return float(f"{math.ceil(reach / power * (1 - 1e-12)) * power:.3g}")


def decode(text: str) -> np.ndarray:
    """The points [n, 2] in float64 of a text. Raises ValueError with one line for what is none."""
    form = FORM.fullmatch(text)
    if form is None:
        raise ValueError("target.points must be a text as `gandyn.targets.point_text.encode` gives, X,Y,R~...")
    try:
        x, y, reach = map(float, form.groups()[:3])
    except ValueError:
        x = y = reach = math.nan
    if not (abs(x) <= LARGEST and abs(y) <= LARGEST and 0 < reach <= LARGEST):
        raise ValueError(f"target.points must begin with X,Y,R~, numbers up to {LARGEST:g}, R > 0")
    codes = _CODES[np.frombuffer(form[4].encode(), np.uint8)]
    ends = np.flatnonzero(codes < MORE)
    if not len(ends) or ends[-1] != len(codes) - 1:
        raise ValueError("target.points is cut short: was all of it copied?")
    if len(ends) > MOST:
        raise ValueError(f"target.points holds {len(ends):,} points, and a text at most {MOST:,}: use target.file")
    starts = np.concatenate([[0], ends[:-1] + 1])
    place = np.arange(len(codes)) - np.repeat(starts, ends - starts + 1)
    if int(place.max()) > 4:
        raise ValueError("target.points is damaged: it names a cell that there is not")
    numbers = np.cumsum(np.add.reduceat((codes % MORE) << (BITS * place), starts))
    if int(numbers[-1]) >= SIDE**2:
        raise ValueError("target.points is damaged: it names a cell that there is not")
    cells = np.stack([numbers % SIDE, numbers // SIDE], 1)
    return np.array([x, y]) + (cells - HALF) / HALF * reach
