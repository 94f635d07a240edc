"""Distances of clouds against closed forms and against scipy."""

import math

import numpy as np
import pytest
import torch
from scipy.optimize import linear_sum_assignment
from scipy.stats import energy_distance as energy_of_scipy
from scipy.stats import wasserstein_distance

from gandyn.core.rng import Rng
from gandyn.probes.distances import directions, energy_distance, sliced_wasserstein
from gandyn.targets.ring import Ring

GENERATOR = torch.Generator().manual_seed(7)
X, Y = (torch.randn(60, 2, generator=GENERATOR) for _ in range(2))


def test_directions_are_fixed_unit_vectors():
    for dimension, count in [(1, 1), (2, 256), (3, 256), (7, 100)]:
        vectors = directions(dimension, count)
        assert vectors.shape == (dimension, count)
        torch.testing.assert_close(vectors.norm(dim=0), torch.ones(count))
        assert torch.equal(vectors, directions(dimension, count))


def test_directions_of_the_plane_integrate_exactly():
    v = directions(2, 256).double()
    torch.testing.assert_close(v @ v.T / 256, torch.eye(2).double() / 2, atol=1e-7, rtol=0)


@pytest.mark.parametrize("projections", [1, 7, 64])
def test_sliced_wasserstein_is_the_best_pairing_on_every_direction(projections):
    total = 0.0
    for v in directions(2, projections).T:
        cost = ((X @ v)[:, None] - (Y @ v)[None, :]).double().numpy() ** 2
        total += cost[linear_sum_assignment(cost)].mean()  # brute force: the cheapest of all pairings
    assert sliced_wasserstein(X, Y, projections) == pytest.approx(math.sqrt(total / projections), rel=1e-5)


def test_256_projections_are_as_good_as_10000():
    assert sliced_wasserstein(X, Y, 256) == pytest.approx(sliced_wasserstein(X, Y, 10_000), rel=1e-3)


@pytest.mark.parametrize("delta", [(0.5, 0.0), (0.3, -0.4), (-3.0, 2.0)])
def test_a_shift_is_its_length_over_the_root_of_2(delta):
    shift = torch.tensor(delta)
    wanted = float(shift.norm()) / math.sqrt(2)
    assert sliced_wasserstein(X, X + shift) == pytest.approx(wanted, rel=1e-5)
    assert sliced_wasserstein(X, X + shift, 64) == pytest.approx(wanted, rel=1e-5)


def test_a_shift_in_space_is_its_length_over_the_root_of_3_on_average():
    x = torch.randn(50, 3, generator=GENERATOR)
    distance = sliced_wasserstein(x, x + torch.tensor([1.0, 0.0, 0.0]), 4096)
    assert distance == pytest.approx(1 / math.sqrt(3), rel=0.03)


def test_on_a_line_it_is_wasserstein_2():
    cost = (X[:, 0, None] - Y[None, :, 0]).double().numpy() ** 2
    best = math.sqrt(cost[linear_sum_assignment(cost)].mean())
    assert sliced_wasserstein(X[:, :1], Y[:, :1]) == pytest.approx(best, rel=1e-5)
    shifted = sliced_wasserstein(X[:, :1], X[:, :1] + 2)
    assert shifted == pytest.approx(wasserstein_distance(X[:, 0], X[:, 0] + 2), rel=1e-6)


def test_it_is_a_distance():
    z = torch.randn(60, 2, generator=GENERATOR)
    assert sliced_wasserstein(X, X) == 0
    assert sliced_wasserstein(X, X.flip(0)) == 0
    assert sliced_wasserstein(X, Y) == sliced_wasserstein(Y, X)
    assert sliced_wasserstein(X, z) <= sliced_wasserstein(X, Y) + sliced_wasserstein(Y, z)
    assert sliced_wasserstein(3 * X, 3 * Y) == pytest.approx(3 * sliced_wasserstein(X, Y), rel=1e-5)


def test_clouds_of_different_size_are_refused():
    with pytest.raises(ValueError, match="one shape"):
        sliced_wasserstein(X, Y[:50])


def test_the_published_floor_of_the_ring():
    ring = Ring(radius=1, sigma=0.01)
    distance = [sliced_wasserstein(ring.draw(2500, Rng(i)), ring.draw(2500, Rng(1000 + i))) for i in range(40)]
    assert np.mean(distance) == pytest.approx(0.078, abs=5 * np.std(distance) / 40**0.5)


def test_energy_against_scipy_on_the_line():
    x, y = X[:, :1], Y[:, :1] + 0.5
    n = len(x)
    paired_with_itself = energy_of_scipy(x[:, 0].double(), y[:, 0].double()) ** 2  # scipy: the root, and i = j counted
    within = sum(float((c - c.T).abs().double().sum()) for c in (x, y))
    wanted = paired_with_itself - within * (1 / (n * (n - 1)) - 1 / n**2)
    assert energy_distance(x, y) == pytest.approx(wanted, rel=1e-5)


def test_energy_by_the_book_in_the_plane_and_in_pieces():
    x, y = torch.randn(2100, 2, generator=GENERATOR), torch.randn(2500, 2, generator=GENERATOR) + 1
    a, b = x.double().numpy(), y.double().numpy()

    def total(p, q):
        return sum(np.sqrt(((row - q) ** 2).sum(1)).sum() for row in p)

    wanted = 2 * total(a, b) / 2100 / 2500 - total(a, a) / 2100 / 2099 - total(b, b) / 2500 / 2499
    assert energy_distance(x, y) == pytest.approx(wanted, rel=1e-4)


def test_energy_of_equal_laws_is_0_on_average():
    energies = [
        energy_distance(torch.randn(200, 2, generator=GENERATOR), torch.randn(200, 2, generator=GENERATOR))
        for _ in range(100)
    ]
    assert abs(np.mean(energies)) < 4 * np.std(energies) / 10
    assert min(energies) < 0  # unbiased, so some are below


def test_energy_of_a_single_point_is_unknown():
    assert energy_distance(X[:1], Y) is None
