"""The critic along a line, and the best one there, against closed forms."""

import math

import numpy as np
import pytest
import torch
from scipy.stats import multivariate_normal

from gandyn.core.objectives import OBJECTIVES
from gandyn.core.rng import Rng
from gandyn.core.target import TARGETS
from gandyn.probes import PROBES
from gandyn.probes.critic_slice import SAMPLES, line_of, log_densities, log_kernel_density
from gandyn.probes.optimal_critic import has_optimum, optimal_critic
from tests.probes.moments import moment

RATIO = np.array([0.05, 0.4, 1.0, 2.5, 20.0])  # p / q
BEST = {  # p a'(d) + q b'(d) = 0 by hand; r = p / q
    "minimax": np.log,
    "non-saturating": np.log,
    "log-sigmoid": np.log,
    "f-gan-js": np.log,
    "least-squares": lambda r: r / (1 + r),
    "hinge": lambda r: np.where(r == 1, np.nan, np.sign(r - 1)),  # at r = 1 all of [-1, 1] is as good
    "f-gan-kl": lambda r: 1 + np.log(r),
    "f-gan-reverse-kl": np.log,
    "f-gan-pearson": lambda r: 2 * (r - 1),
    "f-gan-hellinger": lambda r: np.log(r) / 2,
    "exponential": lambda r: np.log(r) / 2,
}
WITHOUT = {"wasserstein", "relativistic", "relativistic-average"}


@pytest.mark.parametrize("objective", [name for name in OBJECTIVES if name in BEST])
def test_the_best_critic_is_that_of_the_closed_form(objective):
    critic = optimal_critic(objective, torch.from_numpy(np.log(RATIO)), 60.0)
    wanted = BEST[objective](RATIO)
    known = ~np.isnan(wanted)
    np.testing.assert_allclose(critic.numpy()[known], wanted[known], atol=1e-6)


def test_without_a_best_value_there_is_none():
    assert {name for name in OBJECTIVES if not has_optimum(name)} >= WITHOUT & set(OBJECTIVES)
    assert optimal_critic("wasserstein", torch.zeros(3), 6.0) is None
    assert optimal_critic("relativistic", torch.zeros(3), 6.0) is None
    assert all(has_optimum(name) for name in BEST if name in OBJECTIVES)


def test_where_one_density_is_missing_the_best_critic_stays_at_the_bound():
    critic = optimal_critic("minimax", torch.tensor([-500.0, 500.0]), 6.0)
    np.testing.assert_allclose(critic, [-6, 6], atol=1e-9)


def test_the_line_goes_through_neighbouring_modes():
    ring = TARGETS["ring"]()
    line, mixture = line_of(ring, Rng(0)), ring.mixture()
    ends = line.at(torch.tensor(line.modes, dtype=torch.float64))
    side = 2 * 2.0 * math.sin(math.pi / 8)  # of an octagon in a circle of radius 2
    np.testing.assert_allclose(ends[0], mixture.centres[0], atol=1e-12)
    assert float((ends[1] - ends[0]).norm()) == pytest.approx(side)
    assert float((mixture.centres - ends[1]).norm(dim=1).min()) < 1e-12
    assert line.half >= side / 2


def test_without_modes_the_line_is_the_datas_principal_axis():
    target = TARGETS["two-moons"]() if "two-moons" in TARGETS else TARGETS["swiss-roll"]()
    line = line_of(target, Rng(3))
    points = target.draw(SAMPLES, Rng(3)).double().numpy()
    _, _, rows = np.linalg.svd(points - points.mean(0), full_matrices=False)
    assert abs(float(line.along @ torch.from_numpy(rows[0]))) == pytest.approx(1, abs=1e-9)
    assert line.half >= np.abs((points - points.mean(0)) @ rows[0]).max() and line.modes == []


def test_the_kernel_density_is_scipys():
    points = torch.randn(300, 2, generator=torch.Generator().manual_seed(1), dtype=torch.float64)
    at = torch.tensor([[0.0, 0.0], [1.0, -2.0]], dtype=torch.float64)
    h = 0.3
    wanted = [multivariate_normal(x, h * h * np.eye(2)).pdf(points).mean() for x in at.numpy()]
    np.testing.assert_allclose(log_kernel_density(at, points, h).exp(), wanted, rtol=1e-12)


def test_a_perfect_generator_has_the_datas_density_and_the_best_critic_is_undecided():
    experiment, _ = moment(dtype=torch.float64)
    fake = experiment.target.draw(200_000, Rng(7)).double()
    x = experiment.target.mixture().centres
    log_p, log_q = log_densities(experiment, x, fake, Rng(0))
    np.testing.assert_allclose(log_p, log_q, atol=0.05)
    best = optimal_critic("minimax", log_p - log_q, 6.0)
    np.testing.assert_allclose(best, np.zeros(len(x)), atol=0.05)


def test_the_slice_is_the_critic_at_the_points_of_the_line():
    experiment, state = moment(dtype=torch.float64)
    arrays = PROBES["critic_slice"](experiment, state, Rng(0), m=11)
    line = line_of(experiment.target, Rng(0))
    x = line.at(torch.from_numpy(arrays["t"]))
    np.testing.assert_allclose(arrays["critic"], experiment.game.critic.apply(state.d, x)[:, 0], rtol=1e-12)
    assert max(arrays["real"].max(), arrays["generated"].max()) == pytest.approx(1)
    assert np.isfinite(arrays["off"]) and np.isfinite(arrays["optimal"]).any()


@pytest.mark.parametrize("kind", ["dirac", "grid"])
def test_every_kind_of_target_has_a_slice(kind):
    experiment, state = moment(TARGETS[kind]())
    arrays = PROBES["critic_slice"](experiment, state, Rng(0))
    assert np.isfinite(arrays["critic"]).all() and len(arrays["t"]) == len(arrays["real"])
