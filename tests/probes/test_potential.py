"""The transport potential: two points by hand, clouds on a line in closed form, and duality in the plane."""

import numpy as np
import pytest
import torch

from gandyn.core.rng import Rng
from gandyn.probes import PROBES
from gandyn.probes.critic_distance import slopes
from gandyn.probes.distances import pair_distances
from gandyn.probes.inputs import generate, reals
from gandyn.probes.potential import extended, potential
from gandyn.probes.transport import wasserstein
from tests.probes.moments import moment

GENERATOR = torch.Generator().manual_seed(5)


def test_of_one_point_each_it_is_the_distance_from_the_generated_one():
    x, y = torch.tensor([[3.0, 4.0]]), torch.tensor([[0.0, 0.0]])
    psi = potential(x, y)
    assert psi.tolist() == [0]
    assert extended(torch.tensor([[3.0, 4.0], [0, 0], [0, -2]]), y, psi).tolist() == [5, 0, 2]


def test_of_two_points_each_by_hand():
    """Real points at 1 and 10, generated ones at 0 and 6: the pairs are 0-1 and 6-10, and f rises by 1 along each."""
    x, y = torch.tensor([[1.0], [10.0]]), torch.tensor([[0.0], [6.0]])
    psi = potential(x, y)
    at_x, at_y = extended(x, y, psi), extended(y, y, psi)
    assert float(at_x[0] - at_y[0]) == 1
    assert float(at_x[1] - at_y[1]) == 4
    assert float(psi.min()) == 0


def test_on_a_line_its_slope_is_the_sign_of_the_difference_of_the_distribution_functions():
    """Between samples f' = sign(F_generated - F_real), where they differ; where they are equal any slope is as good."""
    x = torch.randn(60, 1, generator=GENERATOR, dtype=torch.float64)
    y = 0.4 * torch.randn(60, 1, generator=GENERATOR, dtype=torch.float64) + 0.3
    cuts = np.sort(torch.cat([x, y])[:, 0].numpy())
    middle = (cuts[1:] + cuts[:-1]) / 2
    wanted = np.sign([(y.numpy() < m).sum() - (x.numpy() < m).sum() for m in middle])
    f = extended(torch.from_numpy(cuts)[:, None], y, potential(x, y)).numpy()
    differ = wanted != 0
    assert differ.sum() > 60
    np.testing.assert_allclose((np.diff(f) / np.diff(cuts))[differ], wanted[differ], atol=1e-7)


@pytest.mark.parametrize("spread", [1.0, 1e-3])
def test_in_the_plane_no_slope_is_above_one_and_the_difference_of_its_means_is_w1(spread):
    x = torch.randn(50, 2, generator=GENERATOR, dtype=torch.float64)
    y = spread * torch.randn(50, 2, generator=GENERATOR, dtype=torch.float64) + torch.tensor([2.0, 0])
    everywhere = torch.cat([x, y, 3 * torch.randn(50, 2, generator=GENERATOR, dtype=torch.float64)])
    f = extended(everywhere, y, potential(x, y))
    assert float(f[:50].mean() - f[50:100].mean()) == pytest.approx(wasserstein(x, y)[0], rel=1e-9)
    apart = pair_distances(everywhere.double(), everywhere.double())
    assert ((f[:, None] - f).abs() <= apart + 1e-9).all()


def test_beside_a_wasserstein_critic_stands_the_potential_as_steep_as_it_is_at_the_constant_nearest_to_it():
    experiment, state = moment(dtype=torch.float64, objective="wasserstein")
    arrays = PROBES["critic_slice"](experiment, state, Rng(0), m=41)
    real, fake = reals(experiment, 400, Rng(0)).double(), generate(experiment, state, 400, Rng(0))
    steepest = max(slopes(experiment, state, real, fake, Rng(0)).values())
    assert arrays["slope"] == pytest.approx(steepest) and steepest > 0
    rise = np.abs(np.diff(arrays["optimal"]) / np.diff(arrays["t"]))
    assert rise.max() <= steepest * (1 + 1e-9)
    shifted = arrays["optimal"] + 0.1 * steepest
    weight = arrays["real"] + arrays["generated"]

    def off(best):
        return np.sqrt((weight * (arrays["critic"] - best) ** 2).sum() / weight.sum())

    assert arrays["off"] == pytest.approx(off(arrays["optimal"]), rel=1e-3)
    assert off(arrays["optimal"]) < min(off(shifted), off(arrays["optimal"] - 0.1 * steepest))


def test_without_a_best_critic_there_is_none_and_no_slope():
    experiment, state = moment(objective="relativistic")
    arrays = PROBES["critic_slice"](experiment, state, Rng(0))
    assert np.isnan(arrays["optimal"]).all() and np.isnan(arrays["off"]) and np.isnan(arrays["slope"])
