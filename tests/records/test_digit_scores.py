"""Histogram, KL, classes, confidence, precision to coverage, and neighbours: by hand, by loops, by expected values."""

import math

import numpy as np
import pytest
import torch

from gandyn.probes import manifold as rooms
from gandyn.probes.manifold import manifold, reach
from gandyn.records.digits.classes import classes, confident, histogram, kl_to_uniform
from gandyn.records.digits.neighbours import CAPTION, nearest, picture

GENERATOR = torch.Generator().manual_seed(2)


def test_histogram():
    sure = torch.eye(10)[torch.tensor([3, 3, 0, 9])]
    assert histogram(sure).tolist() == [1, 0, 0, 2, 0, 0, 0, 0, 0, 1]


def test_kl_to_uniform():
    assert kl_to_uniform(torch.full((10,), 7)) == pytest.approx(0, abs=1e-12)
    assert kl_to_uniform(torch.tensor([0, 5, *[0] * 8])) == pytest.approx(math.log(10))
    assert kl_to_uniform(torch.tensor([8, 8, *[0] * 8])) == pytest.approx(math.log(5))
    assert kl_to_uniform(torch.tensor([3, 1])) == pytest.approx(0.75 * math.log(1.5) + 0.25 * math.log(0.5))
    with pytest.raises(ValueError, match="no samples"):
        kl_to_uniform(torch.zeros(10, dtype=torch.long))


def test_a_class_needs_more_than_1_percent():
    assert classes(torch.tensor([979, 10, 11, *[0] * 7])) == 2
    assert classes(torch.full((10,), 3)) == 10


def test_confident_is_above_nine_tenths():
    p = torch.tensor([[0.95, 0.05], [0.1, 0.9], [0.08, 0.92], [0.5, 0.5]], dtype=torch.float64)
    assert confident(p) == 0.5


def by_loops(real: np.ndarray, fake: np.ndarray) -> dict[str, float]:
    """By the definitions, point by point; squares of distances, which are exact for whole numbers."""

    def far(p, points):
        return ((points - p) ** 2).sum(-1)

    def radius(points, k):
        return [sorted(far(p, points))[k] for p in points]

    def within(p, centres, radii):
        return sum(far(p, c) < r for c, r in zip(centres, radii, strict=True))

    r3, r5, f3 = radius(real, 3), radius(real, 5), radius(fake, 3)
    return {
        "precision": np.mean([within(p, real, r3) > 0 for p in fake]),
        "recall": np.mean([within(p, fake, f3) > 0 for p in real]),
        "density": np.mean([within(p, real, r5) / 5 for p in fake]),
        "coverage": np.mean([far(c, fake).min() < r for c, r in zip(real, r5, strict=True)]),
    }


@pytest.mark.parametrize("piece", [7, 1000])
def test_manifold_by_loops_and_in_pieces(monkeypatch, piece):
    monkeypatch.setattr(rooms, "PIECE", piece)
    real = torch.randn(90, 3, generator=GENERATOR, dtype=torch.float64)
    fake = 0.6 * torch.randn(70, 3, generator=GENERATOR, dtype=torch.float64) + 0.8
    scores = manifold(real, fake)
    assert scores == pytest.approx(by_loops(real.numpy(), fake.numpy()))
    assert len(set(scores.values())) == 4


@pytest.mark.parametrize("dimension", [2, 128])
def test_copies_of_real_points_are_ties_that_do_not_count(dimension):
    """Fakes that copy reals are exactly at the reach of those whose k-th neighbour is copied: not within it."""
    draw = torch.Generator().manual_seed(dimension)
    real = torch.randint(2**20, (400, dimension), generator=draw).float()
    fake = torch.cat([real[:300], real[:50], torch.randint(2**19, (50, dimension), generator=draw).float()])
    assert manifold(real, fake) == pytest.approx(by_loops(real.double().numpy(), fake.double().numpy()), abs=1e-12)
    tenth = manifold(real / 1000, fake / 1000)  # where the numbers are not whole
    assert tenth == manifold(real, fake)
    everything = manifold(real, real)  # a real point is within its own reach, and k - 1 of its neighbours are
    assert everything == {"precision": 1, "recall": 1, "density": 1, "coverage": 1}


@pytest.mark.parametrize("dimension", [1, 3, 128, 1000])
@pytest.mark.parametrize("size", [1e-30, 1.0, 7e4])
def test_squared_distances_on_the_grid_are_exact(dimension, size):
    x, y = (size * torch.randn(20, dimension, generator=GENERATOR) for _ in range(2))
    whole = rooms.on_grid(x, y)
    assert torch.equal(whole[0], whole[0].round())
    units = (x.double() / whole[0])[whole[0].abs() > 1e4].flatten()
    assert float(units.max() / units.min() - 1) < 1e-3
    (squared,) = rooms.distances(*whole)
    a, b = ([[int(value) for value in row] for row in cloud.tolist()] for cloud in whole)
    for i in range(20):
        exact = [sum((p - q) ** 2 for p, q in zip(a[i], row, strict=True)) for row in b]
        assert [int(value) for value in squared[i].tolist()] == exact and max(exact) < 2**53


def test_manifold_by_hand():
    # Reals 0 to 9 on a line, whose reach is longer towards the ends.
    real = torch.arange(10.0)[:, None]
    assert reach(real.double(), 3, 5)[:, :5].tolist() == [[9, 4, 4, 4, 4], [25, 16, 9, 9, 9]]
    far = manifold(real, 100 + torch.arange(6.0)[:, None])
    assert far == {"precision": 0, "recall": 0, "density": 0, "coverage": 0}
    # All fakes at 2.6: within the reach of 0 to 5 with k = 5, while their own reach is 0.
    assert manifold(real, torch.full((6, 1), 2.6)) == {"precision": 1, "recall": 0, "density": 6 / 5, "coverage": 0.6}


def test_expected_values_for_two_draws_of_one_law():
    # Naeem et al. 2020: E density = 1, E coverage = 1 - (N-1)...(N-k) / (2N-1)...(2N-k) for k = 5 and equal N.
    n, scores = 200, []
    for _ in range(40):
        x, y = torch.randn(2, n, 8, generator=GENERATOR)
        scores.append(list(manifold(x, y).values())[2:])
    mean, error = np.mean(scores, axis=0), np.std(scores, axis=0) / 40**0.5
    wanted = 1 - math.prod((n - i) / (2 * n - i) for i in range(1, 6))
    assert abs(mean - [1, wanted]) == pytest.approx([0, 0], abs=5 * max(error))


def test_clouds_that_are_too_small_are_refused():
    with pytest.raises(ValueError, match="more than 5 points, not 5 and 9"):
        manifold(torch.zeros(5, 2), torch.zeros(9, 2))


def test_nearest_in_order_also_beyond_a_piece():
    pool = torch.arange(25_000, dtype=torch.int32)[:, None]
    assert nearest(torch.tensor([[12_345.2], [0.0]]), pool, 3).tolist() == [[12_345, 12_346, 12_344], [0, 1, 2]]


def test_the_picture_has_every_image_in_its_place():
    generated, near, far = torch.zeros(2, 28, 28), torch.zeros(2, 5, 28, 28), torch.zeros(2, 5, 28, 28)
    generated[1], near[0, 4], far[1, 0] = 1, 0.5, 1
    sheet = picture(generated, near, far)
    assert sheet.mode == "L"
    pixels = np.asarray(sheet)[CAPTION:]
    assert pixels.shape == (2 * 56, (1 + 5 + 5) * 56 + 2 * 16)
    bright = np.zeros_like(pixels)
    bright[56:, :56] = 255
    bright[:56, 72 + 4 * 56 : 72 + 5 * 56] = 128
    bright[56:, 72 + 5 * 56 + 16 : 72 + 6 * 56 + 16] = 255
    assert np.array_equal(pixels, bright)
