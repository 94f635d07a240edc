"""What a frame says of a state, computed without the functions that frames are built with: in float64, by hand."""

import re
from typing import NamedTuple

import numpy as np
from torch import Tensor

import gandyn
from gandyn.diagnosis import RECENT
from gandyn.diagnosis.coverage import FLOOR
from gandyn.diagnosis.moment import DIRECTIONS
from gandyn.timeline.readings import READ


def perceptron(net: gandyn.Net, theta: Tensor, x: np.ndarray) -> np.ndarray:
    """The relu network at x [n, in], from the layout of theta: of each layer the weights [in, out], then the bias."""
    layout = net.layout
    assert layout and (layout.activation, layout.output, layout.bias) == ("relu", "linear", True)
    h, place, flat = x * layout.input_scale, 0, theta.double().numpy()
    for i, (n, m) in enumerate(zip(layout.sizes[:-1], layout.sizes[1:], strict=True)):
        h = np.maximum(h, 0) if i else h
        h = h @ flat[place : place + n * m].reshape(n, m) + flat[place + n * m : place + n * m + m]
        place += n * m + m
    return h


def sliced(a: np.ndarray, b: np.ndarray) -> float:
    """Sliced Wasserstein-2 of two clouds [n, 2] over evenly spread directions."""
    angle = (np.arange(DIRECTIONS) + 0.5) * np.pi / DIRECTIONS
    way = np.stack([np.cos(angle), np.sin(angle)])
    return float(np.sqrt(np.mean((np.sort(a @ way, 0) - np.sort(b @ way, 0)) ** 2)))


class Ring(NamedTuple):
    """n samples and the modes of a ring: which samples are near which mode [n, K], and at which mode each counts."""

    centres: np.ndarray  # [K, 2]
    near: np.ndarray  # [n, K]
    covered: np.ndarray  # [K]
    shares: np.ndarray  # [K]
    hq: float
    effective: float  # number of modes, exp of the entropy of the shares by nearest mode


def ring(dots: np.ndarray, modes: int, radius: float, sigma: float) -> Ring:
    """Of dots [n, 2], clockwise from the top."""
    turn = 2 * np.pi * np.arange(modes) / modes
    centres = radius * np.stack([np.sin(turn), np.cos(turn)], 1)
    away = np.hypot(*(dots[:, None].astype(np.float64) - centres).transpose(2, 0, 1))
    near = away <= 3 * sigma
    shares = np.bincount(away.argmin(1)[near.any(1)], minlength=modes) / len(dots)
    p = np.bincount(away.argmin(1), minlength=modes) / len(dots)
    effective = float(np.exp(-(p[p > 0] * np.log(p[p > 0])).sum()))
    return Ring(centres, near, near.sum(0) * 4 * modes >= len(dots), shares, near.any(1).mean(), effective)


def says_of_the_stage(text: str, dots: np.ndarray, window: float) -> bool | None:
    """Whether the caption tells truly how many dots [n, 2] are outside of the window; None: it tells nothing of it."""
    if (match := re.match(r"Samples leave the window: (\d+%) are beyond it\.", text)) is None:
        return None
    return match[1] == f"{(np.abs(dots) > window).any(1).mean():.0%}"


def says_of_modes(text: str, at: Ring, distance: float, step: int, steps: np.ndarray, rows: np.ndarray) -> bool:
    """Whether every number of this caption is of these samples or, of the past, was read (`rows` at `steps`)."""
    k, covered, hq = len(at.shares), int(at.covered.sum()), f"{at.hq:.0%}"
    recent = rows[steps >= (1 - RECENT) * step, READ.index("covered")]

    def was(name: str, when: str) -> float:
        return float(rows[steps == int(when.replace(",", "")), READ.index(name)].item())

    if match := re.fullmatch(r"(?:At no mode|Between the modes): (\d+%) of the samples are near one\.", text):
        return match[1] == hq and text.startswith("At no") == (covered == 0)
    if match := re.fullmatch(r"Rotating: the leading mode changed (\d+) times in the last ([\d,]+) steps\.", text):
        late = rows[steps >= step - int(match[2].replace(",", "")), READ.index("top_mode")]
        return 3 <= int(match[1]) <= (np.diff(late) != 0).sum() + 1
    if match := re.fullmatch(r"Collapsed to (\d+) of (\d+) modes: (\d+%) of the samples are there\.", text):
        few = np.sort(at.shares)[::-1][: int(match[1])].sum()
        return match[1] == f"{at.effective:.0f}" and match[2] == str(k) and match[3] == f"{few:.0%}"
    if match := re.fullmatch(r"Collapsed to one cloud, nearest to (\d+) of (\d+) modes: (\d+%) of .* near one\.", text):
        return match.groups() == (f"{at.effective:.0f}", str(k), hq)
    if match := re.fullmatch(r"At the sampling floor: sliced distance ([\d.e+-]+), where as many .*\.", text):
        return covered == k and bool(np.isclose(float(match[1]), distance, rtol=0.06))
    if match := re.fullmatch(r"Healed: all (\d+) modes are covered; at step ([\d,]+) it was (\d+)\.", text):
        return int(match[1]) == covered == k and was("covered", match[2]) == int(match[3])
    if match := re.fullmatch(r"All (\d+) modes are covered, (?:with|not yet sharply:) (\d+%) .*near one\.", text):
        return int(match[1]) == covered == k and match[2] == hq
    if match := re.fullmatch(r"Spreading: (\d+) of (\d+) modes are covered, up from (\d+)\.", text):
        return tuple(map(int, match.groups())) == (covered, k, np.nanmin(recent)) and covered > int(match[3])
    if match := re.fullmatch(r"Losing modes: (\d+) of (\d+) are covered, down from (\d+)\.", text):
        return tuple(map(int, match.groups())) == (covered, k, np.nanmax(recent)) and covered < int(match[3])
    match = re.fullmatch(r"(\d+) of (\d+) modes are covered, with (\d+%) of the samples near one\.", text)
    return match is not None and match.groups() == (str(covered), str(k), hq)


def says_of_reach(text: str, dots: np.ndarray, real: np.ndarray, window: float) -> bool | None:
    """Whether this caption says how few of the real samples have a dot in their cell; None where they are not few."""
    edges = np.linspace(-window, window, 17)
    held, weight = (np.histogram2d(*points.T, bins=(edges, edges))[0] for points in (dots, real))
    reached = weight[held > 0].sum() / len(real)
    return text == f"Collapsed: the samples reach {reached:.0%} of the data." if reached <= 1 / 3 else None


def says_of_distance(text: str, distance: float, floor: float, step: int, steps: np.ndarray, rows: np.ndarray) -> bool:
    """Whether the numbers of this caption, of two digits, are this distance and what it is compared with."""
    first, *second = (float(one.strip(".")) for one in re.findall(r"\d[\d.e+-]*", text))
    before = rows[steps >= (1 - RECENT) * step, READ.index("sw2")]
    if not np.isclose(first, distance, rtol=0.06) or text.startswith("At the") != (distance <= FLOOR * floor):
        return False
    if text.startswith(("Coming nearer", "Moving away")):
        return np.isclose(second[0], before[0], rtol=0.06) and text.startswith("Coming") == (distance < before[0])
    return np.isclose(second[0], floor, rtol=0.06)
