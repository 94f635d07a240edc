"""The mixtures against torch.distributions, against an integral, and against what their sources publish."""

import math

import pytest
import torch
from torch.distributions import Categorical, Independent, MixtureSameFamily, Normal

from gandyn.core.rng import Rng
from gandyn.core.target import Target
from gandyn.targets.grid import Grid
from gandyn.targets.mixtures import distinct
from gandyn.targets.ring import Ring
from gandyn.targets.two_gaussians import TwoGaussians

MIXTURES = [
    Ring(),
    Ring(modes=5, radius=1.3, sigma=0.3, rotation=20, weights=(1, 2, 3, 4, 0)),
    Ring(radius=1, sigma=0.01, closed=1),
    Ring(modes=1),
    Ring(modes=3, radius=0),
    Grid(),
    Grid(side=3, extent=1, sigma=0.2),
    Grid(side=1),
    TwoGaussians(),
    TwoGaussians(distance=4, sigma=1, weight=0.2, rotation=30),
    TwoGaussians(weight=1),
]
N = 200_000


def oracle(target: Target) -> MixtureSameFamily:
    m = target.mixture()
    parts = Independent(Normal(m.centres, torch.full_like(m.centres, m.sigma)), 1)
    return MixtureSameFamily(Categorical(m.weights), parts)


@pytest.mark.parametrize("target", MIXTURES)
def test_mixtures_are_laws_in_float64(target):
    m = target.mixture()
    assert m.centres.dtype == m.weights.dtype == torch.float64
    assert m.centres.shape == (len(m.weights), 2)
    assert float(m.weights.sum()) == pytest.approx(1, abs=1e-12)
    assert bool((m.weights > 0).all())
    apart = torch.cdist(m.centres, m.centres) + torch.eye(len(m.weights)) * 9
    assert float(apart.min()) > 1e-3


@pytest.mark.parametrize("target", MIXTURES)
def test_log_density_is_that_of_torch_distributions(target):
    x = torch.cat([target.draw(300, Rng(2)).double(), torch.randn(300, 2, dtype=torch.float64) * 3])
    ours, theirs = target.mixture().log_density(x), oracle(target).log_prob(x)
    assert ours.dtype == torch.float64
    torch.testing.assert_close(ours, theirs, rtol=1e-6, atol=1e-6)


@pytest.mark.parametrize("target", [m for m in MIXTURES if m.mixture().sigma >= 0.1])
def test_the_density_integrates_to_1(target):
    line = torch.linspace(-8, 8, 801, dtype=torch.float64)  # a sum over a smooth density converges beyond its step
    step = float(line[1] - line[0])
    mass = target.mixture().log_density(torch.cartesian_prod(line, line)).exp().sum() * step**2
    assert float(mass) == pytest.approx(1, abs=1e-5)


@pytest.mark.parametrize("target", MIXTURES)
def test_draws_have_the_moments_of_the_law(target):
    x, m = target.draw(N, Rng(3)).double(), target.mixture()
    mean = (m.weights[:, None] * m.centres).sum(0)
    spread = m.centres - mean
    cov = (m.weights[:, None, None] * spread[:, :, None] * spread[:, None, :]).sum(0) + m.sigma**2 * torch.eye(2)
    products = (x - mean)[:, :, None] * (x - mean)[:, None, :]
    assert bool(((x.mean(0) - mean).abs() < 5 * (cov.diagonal() / N).sqrt() + 1e-7).all())
    assert bool(((products.mean(0) - cov).abs() < 5 * products.std(0) / N**0.5 + 1e-6).all())


@pytest.mark.parametrize("target", [Ring(), Ring(modes=5, weights=(1, 2, 3, 4, 0)), Grid(), TwoGaussians(weight=0.2)])
def test_draws_have_the_weights_and_sigma_of_the_modes(target):
    x, m = target.draw(N, Rng(4)).double(), target.mixture()
    distance, nearest = torch.cdist(x, m.centres).min(1)
    # Sigma is small against the distances here: the share on a wrong side is below the standard error of a share.
    share = nearest.bincount(minlength=len(m.weights)) / N
    assert bool(((share - m.weights).abs() < 5 * (m.weights * (1 - m.weights) / N).sqrt()).all())
    square = distance.square() / m.sigma**2  # chi squared with 2 degrees of freedom: mean 2, variance 4
    assert float(square.mean()) == pytest.approx(2, abs=5 * 2 / N**0.5)
    assert float((square <= 9).double().mean()) == pytest.approx(1 - math.exp(-4.5), abs=5 * (0.011 / N) ** 0.5)


def test_the_noise_is_isotropic_and_independent_of_the_mode():
    x, m = Ring().draw(N, Rng(5)).double(), Ring().mixture()
    nearest = torch.cdist(x, m.centres).argmin(1)
    for k in range(8):
        rest = (x[nearest == k] - m.centres[k]) / 0.15
        error = 5 / len(rest) ** 0.5
        assert bool((rest.mean(0).abs() < error).all())
        assert bool((rest.T.cov() - torch.eye(2)).abs().max() < 2 * error)


def test_the_ring_starts_at_the_top_and_goes_clockwise():
    places = Ring(modes=4, radius=2).mixture().centres
    torch.testing.assert_close(places, torch.tensor([[0, 2], [2, 0], [0, -2], [-2, 0]]).double(), atol=1e-12, rtol=0)
    turned = Ring(modes=4, radius=2, rotation=90).mixture().centres
    torch.testing.assert_close(turned, places.roll(-1, 0), atol=1e-12, rtol=0)


def test_the_closed_ring_of_the_notebook_has_7_places():
    m = Ring(modes=8, radius=1, sigma=0.01, closed=1).mixture()
    t = torch.arange(7, dtype=torch.float64) * (2 * math.pi / 7)  # linspace(0, 2 pi, 8) without its second end
    torch.testing.assert_close(m.centres, torch.stack([t.sin(), t.cos()], 1), atol=1e-12, rtol=0)
    torch.testing.assert_close(m.weights, torch.tensor([2.0, 1, 1, 1, 1, 1, 1]).double() / 8)
    x = Ring(modes=8, radius=1, sigma=0.01, closed=1).draw(N, Rng(0))
    top = float(((x - torch.tensor([0.0, 1.0])).norm(dim=1) < 0.1).float().mean())
    assert top == pytest.approx(0.25, abs=5 * (0.25 * 0.75 / N) ** 0.5)


def test_a_closed_ring_of_one_or_two_is_one_place():
    assert len(Ring(modes=1, closed=1).mixture().weights) == 1
    assert len(Ring(modes=2, closed=1).mixture().weights) == 1


@pytest.mark.parametrize("weights", [(1, 2), (0,) * 8, (1,) * 7 + (-1,), (1,) * 7 + (math.nan,), "1,2,x"])
def test_wrong_weights_are_refused(weights):
    with pytest.raises(ValueError, match="target.weights") as refused:
        Ring(weights=weights)
    assert "\n" not in str(refused.value)


def test_weights_may_be_text():
    assert Ring(modes=3, weights="1, 2,1").mixture().weights.tolist() == [0.25, 0.5, 0.25]


def test_an_empty_mode_is_never_drawn():
    target = Ring(modes=4, sigma=0.01, weights=(1, 1, 1, 0))
    assert len(target.mixture().weights) == 3
    full = Ring(modes=4, sigma=0.01).mixture().centres
    assert bool((torch.cdist(target.draw(N, Rng(0)).double(), full)[:, 3] > 1).all())


def test_coincident_centres_are_one_with_their_summed_weight():
    centres = torch.tensor([[0.0, 0], [1, 0], [1e-12, 0], [1, 1e-3], [0, -1e-12]], dtype=torch.float64)
    m = distinct(centres, 0.1, torch.tensor([0.1, 0.2, 0.3, 0.25, 0.15], dtype=torch.float64))
    assert m.centres.tolist() == centres[[0, 1, 3]].tolist()
    torch.testing.assert_close(m.weights, torch.tensor([0.55, 0.2, 0.25], dtype=torch.float64))


def test_the_published_grids():
    veegan = Grid(side=5, extent=4, sigma=0.05).mixture()
    wanted = {(float(x), float(y)) for x in (-4, -2, 0, 2, 4) for y in (-4, -2, 0, 2, 4)}
    assert {(x, y) for x, y in veegan.centres.tolist()} == wanted
    toy = Grid(side=5, extent=4 / 2.828, sigma=0.05 / 2.828).mixture()
    assert sorted({round(x, 4) for x, _ in toy.centres.tolist()}) == [-1.4144, -0.7072, 0, 0.7072, 1.4144]
    assert toy.sigma == pytest.approx(0.01768, abs=1e-5)


@pytest.mark.parametrize(
    ("modes", "radius", "sigma"), [(8, 1, 0.01), (8, 2, 0.02), (8, 2 / 1.414, 0.02 / 1.414), (10, 3, 0.05)]
)
def test_the_published_rings_can_be_reached(modes, radius, sigma):
    m = Ring(modes=modes, radius=radius, sigma=sigma).mixture()
    assert m.sigma == sigma
    torch.testing.assert_close(m.centres.norm(dim=1), torch.full((modes,), radius, dtype=torch.float64))


def test_two_gaussians_lie_left_and_right():
    m = TwoGaussians(distance=4, sigma=1, weight=0.3).mixture()
    assert m.centres.abs().tolist() == [[2, 0], [2, 0]]
    assert m.centres[0, 0] < m.centres[1, 0]
    assert m.weights.tolist() == [0.3, 0.7]
    down = TwoGaussians(distance=4, rotation=90).mixture().centres  # clockwise: the right one goes down
    torch.testing.assert_close(down, torch.tensor([[0, 2], [0, -2]]).double(), atol=1e-12, rtol=0)
