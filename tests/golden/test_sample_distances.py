"""Objectives without a critic: MMD and the energy distance, pair by pair in float64, and what a step makes of them."""

import itertools
import math

import numpy as np
import pytest
import torch

import gandyn
from gandyn.core import native
from gandyn.core.lanes import lane
from gandyn.core.objectives import OBJECTIVES
from gandyn.core.play import draw_batch, init_lanes
from gandyn.core.rng import Rng
from tests.contracts.small import experiment, run

F64 = torch.float64
NAMES = ("mmd", "energy-distance")
WIDTHS = (0.25, 0.5, 1, 2, 4)


def distance(x: np.ndarray, y: np.ndarray) -> tuple[float, np.ndarray]:
    """|x - y|, and its derivative by y."""
    size = math.dist(x, y)
    return size, (y - x) / size if size else 0 * y


def kernel(x: np.ndarray, y: np.ndarray, bandwidth: float) -> tuple[float, np.ndarray]:
    """The mean of five Gaussians, and its derivative by y."""
    terms = [math.exp(-(math.dist(x, y) ** 2) / (2 * (c * bandwidth) ** 2)) for c in WIDTHS]
    slope = sum(-term / (c * bandwidth) ** 2 for c, term in zip(WIDTHS, terms, strict=True)) / 5
    return sum(terms) / 5, slope * (y - x)


def by_pairs(real: np.ndarray, fake: np.ndarray, of, sign: float) -> tuple[float, np.ndarray]:
    """sign (E of(x, x') + E of(y, y') - 2 E of(x, y)) and its derivative by every y, loop by loop."""
    n, value, slopes = len(real), 0.0, np.zeros_like(fake)
    for i, j in itertools.product(range(n), repeat=2):
        across, slope = of(real[i], fake[j])
        value -= 2 * across / n**2
        slopes[j] -= 2 * slope / n**2
        if i != j:
            among, slope = of(fake[i], fake[j])
            value += (of(real[i], real[j])[0] + among) / (n * (n - 1))
            slopes[j] += 2 * slope / (n * (n - 1))  # as the second of one pair and as the first of another
    return sign * value, sign * slopes


CASES = {
    "energy-distance": ({"objective": "energy-distance"}, distance, -1.0),
    "mmd": ({"objective": "mmd"}, lambda x, y: kernel(x, y, 1.0), 1.0),
    "mmd 0.3": ({"objective": "mmd", "objective.bandwidth": 0.3}, lambda x, y: kernel(x, y, 0.3), 1.0),
}


@pytest.mark.parametrize("case", CASES)
def test_value_and_derivative_are_those_of_the_pairs(case):
    controls, of, sign = CASES[case]
    draw = torch.Generator().manual_seed(1)
    real, fake = (torch.randn(2, 6, 2, generator=draw, dtype=F64) for _ in range(2))
    fake[0, 1], fake[0, 2] = fake[0, 0], real[0, 3]  # some coincide
    samples = fake.clone().requires_grad_()
    values = experiment(**controls).rule.losses.of_samples(real, samples)
    (slopes,) = torch.autograd.grad(values.sum(), samples)
    for lane_values in zip(real.numpy(), fake.numpy(), values.detach().numpy(), slopes.numpy(), strict=True):
        value, slope = by_pairs(*lane_values[:2], of, sign)
        np.testing.assert_allclose(lane_values[2], value, rtol=1e-12, atol=1e-14)
        np.testing.assert_allclose(lane_values[3], slope, rtol=1e-11, atol=1e-13)


def test_they_are_unbiased_around_0_for_equal_laws_and_the_closed_form_for_two_normal_laws():
    """Normal laws on a line a apart: E |x - y| of N(a, 2) is known, and E exp(-d^2 / 2 s^2) = s / r exp(-a^2 / 2 r^2).

    r^2 = s^2 + 2, since d is N(a, 2).
    """
    draw, n, apart = torch.Generator().manual_seed(2), 32, 1.5
    real, fake = (torch.randn(4000, n, 1, generator=draw, dtype=F64) for _ in range(2))

    def of_kernels(a: float) -> float:
        return sum(s / math.sqrt(s * s + 2) * math.exp(-a * a / (2 * (s * s + 2))) for s in WIDTHS) / 5

    def of_distances(a: float) -> float:
        return 2 / math.sqrt(math.pi) * math.exp(-a * a / 4) + a * math.erf(a / 2)

    wanted = {
        "mmd": lambda a: 2 * (of_kernels(0) - of_kernels(a)),
        "energy-distance": lambda a: 2 * (of_distances(a) - of_distances(0)),
    }
    for name, a in itertools.product(NAMES, (0.0, apart)):
        values = OBJECTIVES[name].of_samples(real, fake + a)
        error = float(values.std()) / math.sqrt(len(values))
        assert abs(float(values.mean()) - wanted[name](a)) < 4 * error, (name, a)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("controls", [{}, {"unroll": 2}, {"update_rule": "extragradient"}, {"order": "alternating"}])
def test_the_generator_descends_alone_and_the_critic_rests(name, controls):
    at = experiment(objective=name, batch_size=64, **controls)
    start = gandyn.init(at.game, 0, dtype=F64)
    end, batch = run(at, 60, start), draw_batch(at, Rng(5), F64)
    assert torch.equal(end.d, start.d)
    before, after = (
        float(at.rule.losses.of_samples(batch.real, at.game.generator.apply(state.g, batch.z)))
        for state in (start, end)
    )
    assert after < 0.7 * before
    _, metrics = gandyn.step(at.game, at.rule, start, [batch], at.knobs)
    assert float(metrics.critic_loss) == float(metrics.gap) == 0
    assert float(metrics.generator_loss) == pytest.approx(before, rel=1e-12)


@pytest.mark.parametrize("name", NAMES)
def test_lanes_stay_apart(name):
    at = experiment(objective=name)
    state, batches = init_lanes(at.game, 0, 2, dtype=F64), [draw_batch(at, Rng(i), F64) for i in range(2)]
    pairs = zip(*(batch[:4] for batch in batches), strict=True)
    together = gandyn.Batch(*(None if a is None else torch.stack([a, b]) for a, b in pairs))
    both, _ = gandyn.step_reference(at.game, at.rule, state, [together], at.knobs)
    for i, batch in enumerate(batches):
        alone, _ = gandyn.step_reference(at.game, at.rule, lane(state, i), [batch], at.knobs)
        torch.testing.assert_close(lane(both, i).g, alone.g, rtol=1e-12, atol=1e-14)


@pytest.mark.parametrize("name", NAMES)
def test_a_single_sample_is_finite_and_a_batch_of_too_many_pairs_is_refused(name):
    at = experiment(objective=name, batch_size=1)
    assert bool(torch.isfinite(run(at, 3).g).all())
    assert native.unsupported_reason(at.game, at.rule) == f"the objective {name} has no compiled form"
    with pytest.raises(ValueError, match=r"^batch_size must be a whole number in \[1, 8192\], not 10000$"):
        at.replace(batch_size=10_000)
