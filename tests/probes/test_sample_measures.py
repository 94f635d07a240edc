"""The measures of the registry against closed forms, brute force and scipy."""

import math

import numpy as np
import pytest
import torch
from scipy.spatial import cKDTree
from scipy.stats import norm

import gandyn
from gandyn.core.rng import Rng
from gandyn.core.target import TARGETS
from gandyn.probes.measures import measure
from gandyn.probes.reference import RIVALS, reference
from gandyn.probes.sample_measures import MEASURES, Samples, applicable
from gandyn.probes.sample_measures.kernels import squared_mmd
from gandyn.probes.sample_measures.likelihood import CELLS, real_shares
from gandyn.probes.sample_measures.neighbours import accuracy
from gandyn.probes.window import half_width
from gandyn.targets.grid import Grid
from gandyn.targets.ring import Ring
from gandyn.targets.two_gaussians import TwoGaussians
from tests.probes.moments import POINTS


def of(name: str, target, x) -> float | None:
    return MEASURES[name].of(Samples(target, torch.as_tensor(x, dtype=torch.float64), 1.0))


def cloud(seed: int, *shape: int) -> torch.Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


def test_the_likelihood_of_perfect_samples_is_minus_the_entropy():
    """Of one Gaussian in the plane ln(2 pi e sigma^2); of modes far apart ln K more."""
    target = Ring(modes=8, radius=2.0, sigma=0.02)
    entropy = math.log(2 * math.pi * math.e * 0.02**2) + math.log(8)
    assert of("log_likelihood", target, target.draw(20_000, Rng(1))) == pytest.approx(-entropy, abs=0.03)
    assert of("log_likelihood", target, torch.full((5, 2), 1e200, dtype=torch.float64)) is None
    at = target.mixture().centres[:1]
    assert of("log_likelihood", target, at) == pytest.approx(-math.log(8 * 2 * math.pi * 0.02**2), abs=1e-9)


@pytest.mark.parametrize("target", [Ring(), Grid(), TwoGaussians()], ids=["ring", "grid", "line"])
def test_the_shares_of_the_cells_are_the_integrals_of_the_density(target):
    """Against the product of scipy's distribution functions, cell by cell; the rest is outside."""
    mixture, window = target.mixture(), half_width(target)
    edges, sigma = np.linspace(-window, window, CELLS + 1), float(mixture.sigma)
    wanted = 0.0
    for centre, weight in zip(mixture.centres.numpy(), mixture.weights.numpy(), strict=True):
        along = [np.diff(norm.cdf(edges, at, sigma)) for at in centre]
        wanted = wanted + weight * (along[0] if len(along) == 1 else np.outer(*along).ravel())
    shares = real_shares(target).numpy()
    np.testing.assert_allclose(shares[:-1], wanted, atol=1e-12)
    assert shares.sum() == pytest.approx(1, abs=1e-12)


def test_divergences_on_the_grid_by_hand():
    """All samples outside: JS = ln 2 but for what of the data is outside, too; KL by its definition."""
    target, n = Ring(), 1000
    p = real_shares(target).numpy()
    far = torch.full((n, 2), 50.0)
    q = np.zeros_like(p)
    q[-1] = 1
    m = (p + q) / 2
    js = 0.5 * sum(a * math.log(a / b) for a, b in zip(p, m, strict=True) if a > 0) + 0.5 * math.log(1 / m[-1])
    assert of("js_grid", target, far) == pytest.approx(js, abs=1e-12) and js == pytest.approx(math.log(2), abs=2e-3)
    smooth = np.full_like(p, 0.5)
    smooth[-1] += n
    smooth /= smooth.sum()
    kl = sum(a * math.log(a / b) for a, b in zip(p, smooth, strict=True) if a > 0)
    assert of("kl_grid", target, far) == pytest.approx(kl, abs=1e-9)
    real = target.draw(200_000, RIVALS[0])
    assert of("js_grid", target, real) < 2e-3 and of("kl_grid", target, real) < 4e-3


def test_the_squared_mmd_is_the_sum_over_pairs():
    x, y = cloud(0, 7, 2), cloud(1, 9, 2) + 0.5
    among = [float((a - b).norm()) for i, a in enumerate(y) for j, b in enumerate(y) if i != j]
    median = float(torch.tensor(among, dtype=torch.float64).median())

    def k(a: torch.Tensor, b: torch.Tensor) -> float:
        square = float((a - b).square().sum())
        return sum(math.exp(-square / (2 * (w * median) ** 2)) for w in (0.5, 2.0)) / 2

    def within(z: torch.Tensor) -> float:
        return sum(k(a, b) for i, a in enumerate(z) for j, b in enumerate(z) if i != j) / (len(z) * (len(z) - 1))

    wanted = within(x) + within(y) - 2 * sum(k(a, b) for a in x for b in y) / (len(x) * len(y))
    assert squared_mmd(x, y, (0.5, 2.0)) == pytest.approx(wanted, abs=1e-12)


def test_nearest_neighbours_are_those_of_a_search_tree():
    x, y = cloud(2, 60, 2), cloud(3, 50, 2) + 0.7
    both = np.concatenate([x.numpy(), y.numpy()])
    kind = np.repeat([0, 1], [60, 50])
    _, nearest = cKDTree(both).query(both, 2)
    assert accuracy(x, y) == pytest.approx((kind[nearest[:, 1]] == kind).mean(), abs=1e-12)
    assert accuracy(x, x.clone()) == 0.0, "the copy is nearer than all others"
    assert accuracy(torch.zeros(4, 2), torch.zeros(4, 2)) == pytest.approx(3 / 7), "of equals a share"
    assert accuracy(x, y + 100) == 1.0


def test_misplaced_share_by_hand():
    target = Ring(modes=4)
    centres = target.mixture().centres
    assert of("share_error", target, centres) == pytest.approx(0, abs=1e-12)
    assert of("share_error", target, centres[:1].repeat(9, 1)) == pytest.approx(0.75)
    assert of("share_error", target, centres[[0, 0, 1, 1]]) == pytest.approx(0.5)


@pytest.mark.parametrize("name", MEASURES)
def test_real_samples_are_at_the_floor_and_a_collapse_is_far_from_it(name):
    """A perfect generator gets what the measure says; one mode is told from it."""
    target, n = Ring(), 1000
    real = of(name, target, target.draw(n, Rng(5)))
    again = of(name, target, target.draw(n, Rng(6)))
    collapsed = of(name, target, reference(target, n)[: n // 8].repeat(8, 1))
    expected = {"nn_accuracy": 0.5, "density": 1.0, "coverage": 0.969, "precision": 0.97, "recall": 0.97, "energy": 0.0,
                "mmd2": 0.0}  # fmt: skip
    if name in expected:
        assert real == pytest.approx(expected[name], abs=0.05)
    noise = 3 * abs(real - again) + {"log_likelihood": 1.0}.get(name, 0.02)
    if name in ("log_likelihood", "precision", "density"):  # which do not ask for variety
        return
    assert abs(collapsed - real) > noise, (collapsed, real, again)


@pytest.mark.parametrize("target", POINTS)
@pytest.mark.parametrize("kind", ["one", "equal", "far", "huge", "few"])
def test_no_measure_is_nan_whatever_the_samples_are(target, kind):
    """One sample, all at one place, all outside, huge coordinates, fewer than neighbours ask for."""
    at = TARGETS[target]()
    dim = at.shape[0]
    x = {
        "one": torch.zeros(1, dim), "equal": torch.ones(50, dim), "far": torch.full((50, dim), 1e4) + cloud(4, 50, dim),
        "huge": 1e200 * cloud(5, 50, dim), "few": cloud(6, 3, dim),
    }[kind]  # fmt: skip
    values = measure(at, x, full=True)
    assert {one.name for one in applicable(at)} <= set(values)
    for name, value in values.items():
        assert value is None or math.isfinite(value), (name, value)


def test_the_registry_is_public_and_says_what_each_is():
    assert list(gandyn.measures()) == list(MEASURES) and len(MEASURES) >= 12
    for one in MEASURES.values():
        assert one.definition and one.cite and one.better and one.form.format(0.5)


@pytest.mark.parametrize("size", [1e6, 1e20, 6e37, 1e100, 1e300])
@pytest.mark.parametrize("name", ["mmd2", "nn_accuracy", "precision", "density", "coverage"])
def test_one_sample_far_away_counts_as_one_however_far(name, size):
    """What compares near points does not lose them in units of the far one."""
    target = Ring()
    x = target.draw(600, Rng(3)).double()
    x[0] = torch.tensor([200.0, 0.0])
    wanted = of(name, target, x)
    x[0] = torch.tensor([size, 0.0], dtype=torch.float64)
    one = 1 / 1200 if name == "nn_accuracy" else 1e-9  # of which point it is nearest to all may be equally far
    assert of(name, target, x) == pytest.approx(wanted, abs=one)
