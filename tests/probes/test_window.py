"""The window: round, wide enough, the same for similar parameters."""

import numpy as np
import pytest
import torch

from gandyn.core.rng import Rng
from gandyn.core.target import TARGETS, Target
from gandyn.probes.window import columns, half_width, round_up
from gandyn.targets.dirac import Dirac
from gandyn.targets.grid import Grid
from gandyn.targets.ring import Ring
from tests.probes.moments import POINTS


@pytest.mark.parametrize(
    ("target", "wanted"),
    [
        (Ring(), 3),
        (Ring(sigma=0.2), 3),
        (Ring(radius=1, sigma=0.01), 1.5),
        (Ring(radius=2, sigma=0.02), 3),
        (Grid(extent=4, sigma=0.05), 5),
        (Dirac(), 2),
        (Ring(radius=0.1, sigma=0.01), 1),
    ],
)
def test_known_windows(target, wanted):
    assert half_width(target) == wanted


@pytest.mark.parametrize("name", POINTS)
def test_all_of_a_target_is_seen_with_room_around(name):
    target = TARGETS[name]()
    inside = (target.draw(10_000, Rng(0)).abs() < 0.95 * half_width(target)).all(1)
    assert float(inside.float().mean()) > 0.999


def test_a_turn_does_not_change_the_window():
    assert {half_width(Ring(rotation=angle)) for angle in range(0, 46, 5)} == {3}


def test_round_up():
    assert [round_up(x) for x in (0, 0.011, 1, 1.01, 2.2, 3, 6.5, 9, 11, 999)] == pytest.approx(
        [0, 0.015, 1, 1.5, 3, 3, 8, 10, 15, 1000]
    )


def test_images_have_no_window():
    class Image(Target):
        name, summary, shape = "image", "an image", (1, 28, 28)

    with pytest.raises(ValueError, match="no window shows them"):
        half_width(Image())


def test_columns_are_whole_pieces_of_memory_and_a_line_is_at_y_0():
    x, y = columns(torch.arange(6.0).view(3, 2))
    assert (x.tolist(), y.tolist()) == ([0, 2, 4], [1, 3, 5])
    assert x.flags.c_contiguous
    assert y.flags.c_contiguous
    x, y = columns(torch.arange(3.0).view(3, 1))
    assert (x.tolist(), y.tolist()) == ([0, 1, 2], [0, 0, 0])
    assert x.dtype == y.dtype == np.float32
