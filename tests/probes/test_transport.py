"""Wasserstein distances by the best pairing: closed forms, hand cases, all pairings tried, and a linear program."""

import math
from dataclasses import replace
from itertools import permutations

import numpy as np
import pytest
import torch
from scipy.optimize import linprog
from scipy.stats import entropy, wasserstein_distance

from gandyn.core.rng import Rng
from gandyn.core.target import TARGETS
from gandyn.probes import PROBES, sample_measures
from gandyn.probes.measures import measure
from gandyn.probes.reference import reference
from gandyn.probes.sample_measures.likelihood import js_grid
from gandyn.probes.transport import wasserstein
from gandyn.targets.ring import Ring
from tests.probes.moments import moment

GENERATOR = torch.Generator().manual_seed(5)


@pytest.mark.parametrize("delta", [(0.5,), (0.3, -0.4), (3.0, 2.0, -6.0)])
def test_a_shift_is_its_length(delta):
    x, shift = torch.randn(80, len(delta), generator=GENERATOR, dtype=torch.float64), torch.tensor(delta).double()
    assert wasserstein(x, x + shift) == pytest.approx((float(shift.norm()),) * 2)
    assert wasserstein(x, x.flip(0)) == (0, 0)


def test_two_points_by_hand():
    x, y = torch.tensor([[0.0, 0.0], [4.0, 0.0]]), torch.tensor([[4.0, 3.0], [0.0, 1.0]])
    assert wasserstein(x, y) == pytest.approx((2, math.sqrt(5)))  # (1 + 3) / 2 and (1 + 9) / 2


def test_the_best_pairing_depends_on_the_power():
    # The order 0 to 1, 1 to 2.5 costs 2.5 or 3.25 in all; one long way from 0 to 2.5 would cost as much, or 6.25.
    x, y = torch.tensor([[0.0, 0.0], [1.0, 0.0]]), torch.tensor([[1.0, 0.0], [2.5, 0.0]])
    assert wasserstein(x, y) == pytest.approx((1.25, math.sqrt(1.625)))
    # Off the line W1 takes the long way (0 + 2.25 < 1 + 1.5), W2 the order (1 + 2.25 < 0 + 5.05).
    x, y = torch.tensor([[0.0, 0.0], [1.0, 0.0]]), torch.tensor([[1.0, 0.0], [1.9, 1.2]])
    far, near = math.hypot(1.9, 1.2), math.hypot(0.9, 1.2)
    assert near == pytest.approx(1.5)
    assert wasserstein(x, y) == pytest.approx((min(far, 1 + near) / 2, math.sqrt(min(far**2, 1 + near**2) / 2)))
    assert far < 1 + near
    assert far**2 > 1 + near**2


@pytest.mark.parametrize("dimension", [1, 2, 5])
def test_no_pairing_is_cheaper(dimension):
    x, y = torch.randn(2, 6, dimension, generator=GENERATOR, dtype=torch.float64)
    way = (x[:, None] - y[None]).norm(dim=2).numpy()
    costs = [[np.mean(way[range(6), order] ** p) for order in permutations(range(6))] for p in (1, 2)]
    assert wasserstein(x, y) == pytest.approx((min(costs[0]), math.sqrt(min(costs[1]))))


@pytest.mark.parametrize("spread", [1.0, 1e-3])
def test_against_a_linear_program(spread):
    x = spread * torch.randn(12, 2, generator=GENERATOR, dtype=torch.float64)
    y = torch.randn(12, 2, generator=GENERATOR, dtype=torch.float64) + 2
    way = (x[:, None] - y[None]).norm(dim=2).numpy()
    sums = np.concatenate([np.kron(np.eye(12), np.ones(12)), np.kron(np.ones(12), np.eye(12))])
    best = [linprog(way.ravel() ** p, A_eq=sums, b_eq=np.full(24, 1 / 12)).fun for p in (1, 2)]
    assert wasserstein(x, y) == pytest.approx((best[0], math.sqrt(best[1])))


def test_on_the_line_against_scipy_for_more_points_than_are_paired():
    x, y = torch.randn(3000, 1, generator=GENERATOR), 2 * torch.rand(3000, 1, generator=GENERATOR)
    assert wasserstein(x, y)[0] == pytest.approx(wasserstein_distance(x[:, 0].double(), y[:, 0].double()))


def test_a_gaussian_that_is_wider_on_the_line():
    # W2(N(0, 1), N(m, s)) = sqrt(m^2 + (s - 1)^2), here of quantiles, so without chance.
    q = torch.special.ndtri((torch.arange(20_000, dtype=torch.float64) + 0.5) / 20_000)[:, None]
    assert wasserstein(q, 1.5 + 3 * q)[1] == pytest.approx(math.hypot(1.5, 2), rel=1e-3)


def test_clouds_of_different_size_are_refused():
    with pytest.raises(ValueError, match=r"one shape \[n, dim\], not \[3, 2\] and \[4, 2\]"):
        wasserstein(torch.zeros(3, 2), torch.zeros(4, 2))


def test_they_are_measured_to_the_stratified_reference():
    x = Ring().draw(300, Rng(4)) + 0.2
    values = measure(Ring(), x, full=True)
    assert (values["w1"], values["w2"]) == wasserstein(x, reference(Ring(), 300))
    assert values["w1"] <= values["w2"]
    shifted = measure(Ring(), reference(Ring(), 300) + torch.tensor([0.3, -0.4]), full=True)
    assert (shifted["w1"], shifted["w2"]) == pytest.approx((0.5, 0.5), rel=1e-5)


def test_of_many_samples_the_first_are_paired_but_all_on_the_line(monkeypatch):
    monkeypatch.setattr(sample_measures, "PAIRED", 200)
    x = Ring().draw(700, Rng(4))
    w1, w2 = wasserstein(x[:200], reference(Ring(), 200))
    values = measure(Ring(), x, projections=1, full=True)
    assert (values["w1"], values["w2"]) == (w1, w2)
    line = TARGETS["dirac"]()
    on_it = torch.cat([line.draw(300, Rng(0)), line.draw(300, Rng(0)) + 1])
    assert measure(line, on_it, projections=1, full=True)["w1"] == pytest.approx(0.5)


def test_the_plan_on_a_line_pairs_sorted_points_and_its_mean_is_w1():
    experiment, state = moment(TARGETS["dirac"](), dtype=torch.float64)
    arrays = PROBES["transport_plan"](experiment, state, Rng(0), n=32)
    fake, real = arrays["fake_x"], arrays["real_x"]
    order = np.argsort(fake)
    assert (np.diff(real[order]) >= 0).all()
    assert arrays["w1"] == pytest.approx(wasserstein_distance(fake, real))


def test_the_plan_in_the_plane_is_the_cheapest_of_all_pairings():
    experiment, state = moment(dtype=torch.float64)
    arrays = PROBES["transport_plan"](experiment, state, Rng(0), n=6)
    fake = np.stack([arrays["fake_x"], arrays["fake_y"]], 1)
    real = np.stack([arrays["real_x"], arrays["real_y"]], 1)
    costs = [np.linalg.norm(fake - real[list(order)], axis=1).mean() for order in permutations(range(6))]
    assert arrays["w1"] == pytest.approx(min(costs))


def test_far_apart_the_jensen_shannon_divergence_is_ln_2_whatever_the_distance():
    experiment, state = moment()
    net = experiment.game.generator
    for offset in (20.0, 40.0):
        moved = net._replace(apply=lambda theta, z, o=offset: net.apply(theta, z) + o, bind=None, layout=None)
        there = replace(experiment, game=experiment.game._replace(generator=moved))
        arrays = PROBES["transport_plan"](there, state, Rng(0))
        assert arrays["js"] == pytest.approx(np.log(2), abs=1e-6)
        assert arrays["w1"] == pytest.approx(offset * np.sqrt(2), abs=4)


def test_the_page_has_all_that_the_divergence_of_samples_that_are_dragged_away_takes():
    experiment, state = moment()
    arrays = PROBES["transport_plan"](experiment, state, Rng(0))
    np.testing.assert_allclose(arrays["away_x"] - arrays["fake_x"], 3, atol=1e-6)  # the window of a ring of radius 2
    cells, window, p = int(arrays["cells"]), float(arrays["window"]), arrays["cell_p"]
    for x, shift in ((arrays["cloud_x"], 0.0), (arrays["cloud_away_x"], 3.0)):
        edges = np.linspace(-window, window, cells + 1)
        counts = np.histogram2d(x, arrays["cloud_y"], bins=[edges, edges])[0].ravel()
        q = np.append(counts, len(x) - counts.sum()) / len(x)
        middle = (p + q) / 2
        js = (entropy(p, middle) + entropy(q, middle)) / 2
        there = sample_measures.Samples(experiment.target, torch.from_numpy(np.stack([x, arrays["cloud_y"]], 1)), 1.0)
        assert js == pytest.approx(js_grid(there), abs=1e-9), shift
        assert shift or js == pytest.approx(float(arrays["js"]), abs=1e-6)
