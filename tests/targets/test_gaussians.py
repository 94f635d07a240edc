"""A mixture written out: against torch.distributions, and against what the ring and the grid say of the same modes."""

import numpy as np
import pytest
import torch
from torch.distributions import Categorical, Independent, MixtureSameFamily, Normal

import gandyn
from gandyn.core.rng import Rng
from gandyn.probes.measures import holding
from gandyn.probes.modes import modes_of_samples
from gandyn.probes.reference import reference
from gandyn.probes.window import reach
from gandyn.targets.gaussians import MOST, Gaussians
from gandyn.targets.ring import Ring

N = 100_000
UNEVEN = Gaussians(x=(-2, 2, 0), y=(0, 0, 1), sigmas=(0.1, 0.4, 0.2), weights=(1, 2, 5))


def test_density_and_draws_are_those_of_torch_distributions():
    m = UNEVEN.mixture()
    spread = torch.tensor([0.1, 0.4, 0.2], dtype=torch.float64)
    law = MixtureSameFamily(
        Categorical(torch.tensor([1.0, 2, 5], dtype=torch.float64)),
        Independent(Normal(torch.tensor([[-2.0, 0], [2, 0], [0, 1]]).double(), spread[:, None].expand(3, 2)), 1),
    )
    x = torch.cat([UNEVEN.draw(500, Rng(1)).double(), 3 * torch.randn(500, 2, dtype=torch.float64)])
    torch.testing.assert_close(m.log_density(x), law.log_prob(x), rtol=1e-6, atol=1e-6)
    drawn = UNEVEN.draw(N, Rng(2)).double()
    nearest = torch.cdist(drawn, m.centres).argmin(1)
    for k in range(3):
        own = drawn[nearest == k] - m.centres[k]
        assert float(own.std()) == pytest.approx(float(spread[k]), rel=0.02)
        assert len(own) / N == pytest.approx(float(m.weights[k]), abs=0.01)


def test_written_out_a_ring_is_the_ring():
    ring = Ring(modes=5, radius=1.3, rotation=20, weights=(1, 2, 3, 4, 1))
    x, y = ring.mixture().centres.T.tolist()
    same = Gaussians(x=x, y=y, sigmas=(0.15,), weights=(1, 2, 3, 4, 1))
    assert torch.equal(same.draw(1000, Rng(3)), ring.draw(1000, Rng(3)))
    assert reach(same) == reach(ring)
    assert gandyn.measure(same, ring.draw(1000, Rng(4))) == gandyn.measure(ring, ring.draw(1000, Rng(4)))
    one_each = same.replace(sigmas=(0.15, 0.15, 0.15, 0.15, 0.15))
    assert isinstance(one_each.mixture().sigma, float)


def test_each_mode_has_its_own_circle_and_a_sample_counts_at_the_nearest_in_sigmas():
    two = Gaussians(x=(0, 2), y=(0, 0), sigmas=(0.1, 1.0))
    samples = torch.tensor([[0.0, 0], [0.31, 0], [-1.5, 0], [2, 2.9], [1e200, 0]], dtype=torch.float64)
    counts = holding(two.mixture(), samples)
    # 0.31 is outside of the small one's 0.3, and 1.69 sigmas from the large one.
    assert counts.near.tolist() == [1, 3] and counts.share_near == 0.6
    assert counts.by_nearest.tolist() == [1, 2] and counts.all_by_nearest.tolist() == [1, 4]
    assert modes_of_samples(two, samples)["radius"].tolist() == pytest.approx([0.3, 3])
    assert reach(two) == 4


def test_the_reference_has_each_modes_share_and_spread():
    fixed = reference(UNEVEN, 8000).double()
    m = UNEVEN.mixture()
    assert [int(c) for c in (fixed[:, 0] < -1, fixed[:, 0] > 1)[0].sum()[None]] == [1000]
    square = (fixed[1000:3000] - m.centres[1]).square().mean()
    assert float(square) == pytest.approx(0.16, rel=0.05)


def test_real_samples_hold_all_modes():
    measures = gandyn.measure(UNEVEN, UNEVEN.draw(5000, Rng(9)))
    assert measures["covered"] == 3 and measures["hq"] == pytest.approx(0.9889, abs=0.01)
    assert measures["reverse_kl"] < 0.01


def test_they_are_moved_while_a_run_learns_them():
    run = gandyn.Run(gandyn.preset("collapse").replace(target="gaussians"))
    run.advance(3)
    run.set(**{"target.x": "0,1,2,3", "target.y": [0, 0, 0, 1], "target.sigmas": (0.1, 0.2, 0.3, 0.4)})
    run.advance(3)
    assert run.experiment.target.x == (0, 1, 2, 3)
    again = gandyn.replay(run.trace())
    assert np.array_equal(run.sample(50), again.sample(50))


@pytest.mark.parametrize(
    ("bad", "line"),
    [
        ({"x": (1, 2)}, "target.x and target.y must hold equally many numbers, 1 to 64, not 2 and 3"),
        ({"x": (), "y": ()}, "target.x and target.y must hold equally many numbers, 1 to 64, not 0 and 0"),
        ({"x": (0.0,) * 65, "y": (0.0,) * 65}, "not 65 and 65"),
        ({"sigmas": (1, 2)}, "target.sigmas must be 1 number or 3"),
        ({"sigmas": ()}, "target.sigmas must be 1 number or 3"),
        ({"sigmas": (0,)}, "target.sigmas must be numbers in"),
        ({"weights": (1, 2)}, "target.weights must be 3 numbers"),
        ({"weights": (0, 0, 0)}, "not all 0"),
        ({"x": (1, 2, float("nan"))}, "target.x must be numbers in"),
    ],
)
def test_what_does_not_fit_is_refused_in_one_line(bad, line):
    with pytest.raises(ValueError, match=line) as refused:
        Gaussians(**bad)
    assert "\n" not in str(refused.value)


def test_as_many_as_there_may_be():
    grid = np.linspace(-2, 2, MOST)
    assert len(Gaussians(x=tuple(grid), y=tuple(grid)).mixture().weights) == MOST
